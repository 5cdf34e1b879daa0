// Prints the test token's code as one hexadecimal line, for tests that are not written in JavaScript.
import { compile } from "../lib/anvil.mjs";

console.log((await compile("TestToken.sol", "TestToken")).bytecode);
