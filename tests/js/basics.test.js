import assert from "node:assert/strict";
import { test } from "node:test";
import { createBasics } from "../../static/js/basics.js";

function start(failures) {
  const told = [];
  const basics = createBasics({
    load: async () => {
      failures -= 1;
      if (failures >= 0) throw new Error("offline");
    },
    onTrouble: ({ message }) => told.push(message),
    onHealed: () => told.push("healed"),
    wait: async (wait_ms) => told.push(wait_ms),
  });
  return { basics, told };
}

test("a server that answers is asked once", async () => {
  const { basics, told } = start(0);
  await basics.ready;
  assert.deepEqual(told, []);
});

test("a server that is away is told of once and asked again, less and less often, until it is back", async () => {
  const { basics, told } = start(7);
  await basics.tried;
  await basics.ready;
  assert.deepEqual(told, ["offline", 1000, 2000, 4000, 8000, 15000, 15000, 15000, "healed"]);
});
