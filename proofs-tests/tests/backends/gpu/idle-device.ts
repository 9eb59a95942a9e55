import type { Device, Mode, Settings } from "../../../../backends/gpu/library.ts";

/** A device that computes nothing, and keeps what it was asked. */
export function idleDevice(mode: Mode) {
  const asked = {
    built: [] as (Settings & { source: string })[],
    given: [] as unknown[][],
    unbuilt: [] as number[],
    deleted: 0,
    closed: 0,
    failure: undefined as Error | undefined,
  };
  const device: Device = {
    mode,
    name: "idle",
    software: false,
    compile(source, settings) {
      const number = asked.built.push({ ...settings, source }) - 1;
      const run = (...given: unknown[]) => {
        if (asked.failure) throw asked.failure;
        asked.given.push(given);
        const [columns, rows] = settings.output;
        if (rows !== undefined)
          return Array.from({ length: rows }, () =>
            Array.from({ length: columns! }, () => new Float32Array(4)),
          );
        if (mode === "cpu" || mode === "webasm") return new Float32Array(columns!);
        return {
          type: "ArrayTexture(1)",
          toArray: () => new Float32Array(settings.output[0]!),
          delete: () => void asked.deleted++,
        };
      };
      return Object.assign(run as never, { destroy: () => void asked.unbuilt.push(number) });
    },
    destroy: async () => void asked.closed++,
  };
  return { device, asked };
}
