/** Short names of frames: recording, camera and number, without the folder they lie in. */
export function frameName(frame: string): string {
  const [recording, channel, number] = partsOf(frame);
  if (!recording || !/^\d+$/.test(number)) return frame; // no frame's id: told as it is
  return `${recording.split("/").pop() ?? recording} ${channel} ${Number(number)}`;
}

/** Recording, channel and sequence number of a frame id. */
export function partsOf(frame: string): [recording: string, channel: string, number: string] {
  const parts = frame.split("/");
  const number = parts.pop() ?? "";
  const channel = decodeURIComponent(parts.pop() ?? "");
  return [parts.join("/"), channel, number];
}
