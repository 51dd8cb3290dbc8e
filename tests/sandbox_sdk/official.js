// The official JavaScript client against a sandbox: node official.js BASE_URL FILE_TO_UPLOAD
// NODE_PATH names the folder with the package. Prints `ok` only if everything came as it expects.

const fs = require("node:fs");
const { Client } = require("wavespeed");

const MODEL = "wavespeed-ai/hunyuan-video-1.5/text-to-video";

function check(what, condition) {
  if (!condition) {
    throw new Error(`failed: ${what}`);
  }
}

async function bytes(url) {
  const answer = await fetch(url);
  check(`${url} answers 200`, answer.status === 200);
  return Buffer.from(await answer.arrayBuffer());
}

async function main(baseUrl, file) {
  const client = new Client("any-key", { baseUrl });
  const address = await client.upload(file);
  check("what was uploaded is what was sent", (await bytes(address)).equals(fs.readFileSync(file)));

  const inputs = { prompt: "a red kite over dunes", size: "832*480", duration: 5, seed: 7 };
  const output = await client.run(MODEL, inputs, { pollInterval: 0.1, timeout: 60 });
  const film = await bytes(output.outputs[0]);
  check("run ends in a film", film.subarray(4, 8).toString() === "ftyp" && film.includes("moov"));

  const told = await client.runNoThrow(MODEL, { prompt: "x", duration: 7 });
  check("a wrong parameter is told", String(told.detail.error).includes("duration") && !told.outputs);
}

main(process.argv[2], process.argv[3]).then(
  () => console.log("ok"),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
