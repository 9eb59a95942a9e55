import { ops } from "../../../core/ops/index.ts";
import { applyLaws } from "../../laws/apply.ts";
import { opLaws } from "../../laws/op-laws.ts";

const named = ops.map((op) => ({ name: op.definition.name, op }));

applyLaws(opLaws, named, (law, { op }) => law.of(op), 50);
