// A worker thread: makes calls through an engine that another thread shared, so many or, some at once, for ever.
import { parentPort, workerData } from "node:worker_threads";
import { Aios } from "@aios/node";

const { handle, question } = workerData;
parentPort.on("message", async ({ calls, forever }) => {
  try {
    const aios = Aios.shared(handle);
    while (forever > 0) {
      const started = Array.from({ length: forever }, () => aios.run(question, () => {}));
      parentPort.postMessage("under way");
      await Promise.all(started);
    }
    const ada = await aios.authenticate(question.credential);
    for (let call = 0; call < calls; call += 1) {
      const permit = await aios.authorize(call % 2 === 0 ? question : { ...question, credential: undefined, principal: ada });
      permit.complete("ok", { call });
    }
    parentPort.postMessage({ done: calls, same: aios.share() === handle, checked: aios.checkSync(question).allowed });
  } catch (error) {
    parentPort.postMessage({ code: error.code, message: error.message });
  }
});
parentPort.postMessage("ready");
