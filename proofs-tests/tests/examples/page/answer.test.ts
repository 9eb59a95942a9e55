import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerTo } from "../../../../examples/page/answer.ts";

const files = new Map([
  ["/index.html", "build/index.html"],
  ["/assets/a b.js", "build/assets/a b.js"],
  ["/logo.png", "build/logo.png"],
]);
const ask = (target: string, { method = "GET", host = "localhost:5173" as string | undefined } = {}) =>
  answerTo({ method, target, host }, 5173, files);

describe("a request to the page's server", () => {
  it("has the file of its path, with the type that its name says", () => {
    const index = { status: 200, file: "build/index.html", type: "text/html; charset=utf-8" };
    for (const target of ["/", "/index.html", "/?x=/../", "/#x", "/index%2Ehtml", "http://127.0.0.1:5173"])
      expect(ask(target)).toEqual(index);
    expect(ask("/assets/a%20b.js?v=1")).toMatchObject({ status: 200, type: "text/javascript" });
    expect(ask("/logo.png")).toMatchObject({ status: 200, type: "application/octet-stream" });
  });

  it("that no file answers is refused, whatever it says", () => {
    for (const target of [
      "//",
      "/%00",
      "/..",
      "/../answer.ts",
      "/assets/",
      "/assets/..%2findex.html",
      "",
      "*",
    ])
      expect([target, ask(target).status]).toEqual([target, target === "" ? 200 : 404]);
    for (const target of ["/%", "/%ff", "/index.html%"]) expect(ask(target).status).toBe(400);
  });

  it("is answered by no other name than this machine's own, in the header or in the target", () => {
    for (const host of ["LocalHost:5173", "127.0.0.1:5173", "[::1]:5173"])
      expect(ask("/", { host }).status).toBe(200);
    for (const host of [
      undefined,
      "",
      "localhost",
      "localhost:80",
      "evil.example:5173",
      "localhost:5173.evil",
    ])
      expect(answerTo({ method: "GET", target: "/", host }, 5173, files).status).toBe(421);
    expect(ask("http://evil.example/").status).toBe(421);
    expect(ask("http://localhost:5173@evil.example/").status).toBe(421);
    expect(ask("http://localhost:5173/", { host: "evil.example" }).status).toBe(200);
    expect(answerTo({ method: "GET", target: "/", host: "localhost" }, 80, files).status).toBe(200);
  });

  it("that would change something is refused before it is looked at", () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"])
      expect(ask("/", { method, host: "evil.example" }).status).toBe(405);
    expect(ask("/", { method: "HEAD" }).status).toBe(200);
  });

  it("never has a file that is none of the build's", () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (method, target, host) => {
        const answer = answerTo({ method, target, host }, 5173, files);
        if (answer.status === 200) expect([...files.values()]).toContain(answer.file);
        for (const asked of [ask(target), ask(`/${target}`)])
          if (asked.status === 200) expect([...files.values()]).toContain(asked.file);
      }),
    ));
});
