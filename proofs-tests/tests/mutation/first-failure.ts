import fc from "fast-check";

// A mutant is judged by whether a property fails; which example is the smallest, nobody asks.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
