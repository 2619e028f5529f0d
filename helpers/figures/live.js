// A drawing and its controls. Native inputs: each has a label, a tab stop and the arrow keys.
// ("input type=range" and not ipywidgets' slider, whose handle has no name for screen readers.)

const STYLE = `
.kms-live { color: var(--jp-content-font-color1, inherit); font-size: 14px; padding: 4px; }
.kms-live fieldset { border: 0; margin: 0 0 8px; padding: 0; display: flex; flex-wrap: wrap;
  gap: 6px 28px; }
.kms-live label { display: inline-flex; align-items: center; gap: 8px; }
.kms-live input[type="range"] { width: 200px; accent-color: #0072b2; }
.kms-live output { min-width: 2.5em; font-variant-numeric: tabular-nums; }
.kms-live select { font: inherit; color: inherit; background: var(--jp-layout-color1, Canvas);
  border: 1px solid #767e88; border-radius: 3px; padding: 2px 4px; }
.kms-live input:focus-visible, .kms-live select:focus-visible { outline: 2px solid #3b97d3;
  outline-offset: 2px; }
.kms-live .picture { overflow-x: auto; }
.kms-live img { max-width: 100%; height: auto; display: block; }
.kms-live .heard { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
`;

function control(spec, value, changed) {
  const label = document.createElement("label");
  label.append(spec.label);
  if (spec.kind === "choice") {
    const select = document.createElement("select");
    for (const option of spec.options) select.add(new Option(option, option));
    select.value = value;
    select.addEventListener("change", () => changed(spec.name, select.value));
    label.append(select);
    return label;
  }
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: spec.low, max: spec.high, step: 1, value });
  const shown = document.createElement("output");
  shown.value = value;
  range.addEventListener("input", () => {
    shown.value = range.value;
    changed(spec.name, Number(range.value));
  });
  label.append(range, shown);
  return label;
}

function render({ model, el }) {
  el.classList.add("kms-live");
  const style = document.createElement("style");
  style.textContent = STYLE;
  const controls = document.createElement("fieldset");
  controls.setAttribute("aria-label", "Controls of the picture");
  const frame = document.createElement("div");
  frame.className = "picture";
  frame.tabIndex = 0; // it scrolls on a narrow screen
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "Picture");
  const image = document.createElement("img");
  const heard = document.createElement("p");
  heard.className = "heard";
  heard.setAttribute("role", "status");
  const trouble = document.createElement("p");
  trouble.setAttribute("role", "alert");
  frame.append(image);
  el.append(style, controls, frame, heard, trouble);

  // One request at a time; of what is moved meanwhile only the last place counts.
  let wanted = { ...model.get("values") };
  let waiting = false;
  const send = () => {
    waiting = true;
    model.set("values", { ...wanted });
    model.save_changes();
  };
  const changed = (name, value) => {
    wanted = { ...wanted, [name]: value };
    if (!waiting) send();
  };
  for (const spec of model.get("controls")) {
    controls.append(control(spec, wanted[spec.name], changed));
  }

  let url;
  const draw = () => {
    const old = url;
    url = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    image.onload = () => old && URL.revokeObjectURL(old);
    image.src = url;
    image.alt = model.get("alt");
    image.width = model.get("width");
    image.style.minWidth = `${Math.min(model.get("width"), 620)}px`;
    trouble.textContent = model.get("trouble");
  };
  const drawn = () => {
    draw();
    heard.textContent = model.get("trouble") ? "" : model.get("alt");
    const sent = JSON.stringify(model.get("values"));
    waiting = false;
    if (JSON.stringify(wanted) !== sent) send();
  };
  // Otherwise JupyterLab would take the arrow keys for its own.
  const keep = (event) => event.stopPropagation();
  el.addEventListener("keydown", keep);
  model.on("change:drawn", drawn);
  draw();
  return () => {
    model.off("change:drawn", drawn);
    el.removeEventListener("keydown", keep);
    URL.revokeObjectURL(url);
  };
}

export default { render };
