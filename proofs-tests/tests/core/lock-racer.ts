// Takes locks at moments that other processes know, and says which it has: run by lock.test.ts.
import { lock } from "../../../core/lock.ts";

const [folder, rounds] = [process.argv[2]!, Number(process.argv[3])];
process.stdin.once("data", (begin) => {
  const mine: number[] = [];
  for (let round = 0; round < rounds; round++) {
    while (Date.now() < Number(begin) + 8 * round); // all in the same millisecond
    if (lock(`${folder}/${round}`).claim) mine.push(round);
  }
  console.log(JSON.stringify(mine)); // and lives until it has been counted: what it has stays locked
});
console.log("ready");
