// A HyperDeck server that is not ours: node server.mjs FOLDER_OF_PACKAGES PORT CLIENTS. Says "listening" and serves a deck
// that counts the time of day at 25 frames a second.
import path from "node:path";
import { createRequire } from "node:module";

const [folder, port, clients] = process.argv.slice(2);
const { HyperdeckServer } = createRequire(path.resolve(folder, "x.js"))("hyperdeck-server-connection");
const server = new HyperdeckServer("127.0.0.1", Number(port), Number(clients));
const two = (number) => String(number).padStart(2, "0");
const clips = [];
let recording = null;

function display() {
  const now = new Date();
  const frame = Math.floor(now.getUTCMilliseconds() / 40);
  return [now.getUTCHours(), now.getUTCMinutes(), now.getUTCSeconds(), frame].map(two).join(":");
}

function transport() {
  return {
    status: recording === null ? "stopped" : "record",
    speed: recording === null ? "0" : "100",
    "slot id": "1",
    "clip id": "none",
    "single clip": "false",
    "display timecode": display(),
    timecode: display(),
    "video format": "1080p25",
    loop: "false",
  };
}

server.onDeviceInfo = async () => ({ "protocol version": "1.8", model: "Deck of others", "slot count": "2" });
server.onTransportInfo = async () => transport();
server.onSlotInfo = async (command) => {
  const first = (command.parameters["slot id"] ?? "1") === "1";
  const status = first ? "mounted" : "empty";
  return { "slot id": first ? "1" : "2", status, "volume name": first ? "SSD" : "", "recording time": first ? "3600" : "0" };
};
server.onRemote = async (command) => (command.parameters.enable ? undefined : { enabled: "true", override: "false" });
server.onClipsGet = async () => {
  const listed = Object.fromEntries(clips.map((name, at) => [String(at + 1), `${name}.mov 10:00:00:00 00:00:01:00`]));
  return { "clip count": String(clips.length), ...listed };
};
server.onRecord = async (command) => {
  if (command.parameters.name === "full") throw { code: 104, msg: "disk full" };
  recording = command.parameters.name ?? "Capture0001";
  server.notifyTransport(transport()); // before the answer
};
server.onStop = async () => {
  if (recording !== null) clips.push(recording);
  recording = null;
  server.notifyTransport(transport());
};
