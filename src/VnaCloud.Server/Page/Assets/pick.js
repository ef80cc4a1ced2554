// Where files come from: the file dialog, the folder dialog, a drop.

import { byId } from "./dom.js";

export const chooseFiles = () => byId("files").click();
export const chooseFolder = () => byId("folder").click();

/** Calls onFiles with an (async) iterable of { file, path }. */
export function startPicking(onFiles) {
  byId("pick-files").addEventListener("click", chooseFiles);
  byId("pick-folder").addEventListener("click", chooseFolder);
  // Phones have no folders to choose.
  document.body.classList.toggle("no-folders", !("webkitdirectory" in HTMLInputElement.prototype) || matchMedia("(pointer: coarse)").matches);
  for (const input of [byId("files"), byId("folder")]) {
    input.addEventListener("change", () => {
      const files = [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
      input.value = "";
      if (files.length) onFiles(files);
    });
  }
  startDrops(onFiles);
}

function startDrops(onFiles) {
  const veil = byId("drop");
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0; // dragenter and dragleave come for every element that is crossed
  const set = (value) => {
    depth = Math.max(0, value);
    veil.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => hasFiles(event) && set(depth + 1));
  addEventListener("dragleave", (event) => hasFiles(event) && set(depth - 1));
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    set(0);
    // Entries have to be taken before the event ends; reading them may last.
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
    const sources = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()).filter(Boolean);
    onFiles(walk(sources));
  });
}

async function* walk(sources) {
  for (const source of sources) {
    if (source instanceof File) yield { file: source, path: source.name };
    else if (source.isDirectory) yield* walkFolder(source);
    else yield await fileOf(source);
  }
}

async function* walkFolder(folder) {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives at most a hundred entries at a time.
    const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!entries.length) return;
    yield* walk(entries);
  }
}

const fileOf = (entry) => new Promise((resolve) => {
  const path = entry.fullPath.replace(/^\//, "");
  entry.file((file) => resolve({ file, path }), () => resolve({ file: null, path }));
});
