// A HyperDeck client that is not ours works a deck: node client.mjs FOLDER_OF_PACKAGES PORT.
// Prints one JSON document with what it heard; ends with 1 and says why when the deck does not satisfy it.
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, port] = process.argv.slice(2);
const entry = path.join(folder, "node_modules", "hyperdeck-connection", "dist", "index.js");
const { Hyperdeck, Commands } = await import(pathToFileURL(entry).href);

const deck = new Hyperdeck({ pingPeriod: 200, externalLog: (...said) => console.error(...said) });
const heard = { transport: [], slot: [], displays: 0, unknown: 0 };
deck.on("notify.transport", (state) => heard.transport.push(state));
deck.on("notify.slot", (slot) => heard.slot.push(slot));
deck.on("notify.displayTimecode", () => heard.displays++);
deck.on("error", (what, error) => fail(`${what}: ${error}`));

function fail(why) {
  console.error(why);
  process.exit(1);
}

function until(so, what) {
  const begun = Date.now();
  return new Promise((done) => {
    const look = setInterval(() => {
      if (so()) {
        clearInterval(look);
        done();
      } else if (Date.now() - begun > 10000) fail(`waited for ${what} in vain`);
    }, 10);
  });
}

deck.connect("127.0.0.1", Number(port));
deck.on("connected", async (greeting) => {
  try {
    heard.greeting = greeting;
    heard.device = await deck.sendCommand(new Commands.DeviceInfoCommand());
    const wanted = new Commands.NotifySetCommand();
    wanted.transport = wanted.slot = wanted.remote = wanted.droppedFrames = wanted.displayTimecode = true;
    await deck.sendCommand(wanted);
    heard.notify = await deck.sendCommand(new Commands.NotifyGetCommand());
    heard.before = await deck.sendCommand(new Commands.TransportInfoCommand());
    heard.slotInfo = await deck.sendCommand(new Commands.SlotInfoCommand(1));
    heard.remote = await deck.sendCommand(new Commands.RemoteGetCommand());
    await deck.sendCommand(new Commands.RecordCommand("42C-3"));
    await until(() => heard.transport.some((state) => state.status === "record"), "the record lamp");
    heard.during = await deck.sendCommand(new Commands.TransportInfoCommand());
    await until(() => heard.displays > 5, "the display");
    await deck.sendCommand(new Commands.StopCommand());
    heard.clips = await deck.sendCommand(new Commands.ClipsGetCommand());
    heard.refusal = await deck.sendCommand(new Commands.PlayCommand()).catch((answer) => answer);
    await deck.disconnect();
    console.log(JSON.stringify(heard));
    process.exit(0);
  } catch (error) {
    fail(JSON.stringify(error) ?? String(error));
  }
});
