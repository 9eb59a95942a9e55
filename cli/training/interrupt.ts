const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof codes;

/** A wish to stop, which long work looks at when it can stop without losing anything. */
export interface Interrupt {
  /** The signal that asked for it; undefined while none did. */
  readonly signal: Signal | undefined;
  /** What a process that stopped for it exits with. */
  readonly code: number;
  /** Lets signals come in, which wait while work only ever awaits what is there already; rarely enough to cost nothing. */
  breathe(now: number): Promise<void>;
  /** Signals end the process again, as they usually do. */
  end(): void;
}

/** From now on the first signal is a wish; the second ends the process at once. */
export function interruptible(): Interrupt {
  let signal: Signal | undefined;
  let last = 0;
  const all = Object.keys(codes) as Signal[];
  const wish = (name: NodeJS.Signals) => {
    signal = name as Signal;
    end();
  };
  const end = () => {
    for (const name of all) process.off(name, wish);
  };
  for (const name of all) process.on(name, wish);
  return {
    get signal() {
      return signal;
    },
    get code() {
      return signal === undefined ? 0 : codes[signal];
    },
    async breathe(now) {
      if (now - last < 50) return;
      last = now;
      await new Promise((resolve) => setImmediate(resolve));
    },
    end,
  };
}
