/** The WebAssembly module of the fast backend, in AssemblyScript: `npm run build` compiles it. */
export { matmulScratch, packedSize } from "./matmul";
export { launch, serve } from "./threads";
