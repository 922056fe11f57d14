"use strict";
// Draws the maps of every line when it is opened. The numbers of a line stand in the page as JSON: for each kind of map its rows and
// columns, and of every layer the values [heads, rows, columns] as 16-bit integers in Base64.
(() => {
  const LARGEST = 32767;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const svg = (name, attributes = {}) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    return element;
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const digits = (value) => value === 0 ? "0" : Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(3);
  const shortened = (text, most) => [...text].length > most ? [...text].slice(0, most - 1).join("") + "…" : text;
  const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));

  /** The values of one head [rows][columns]; of head -1 the mean of all. */
  class Maps {
    constructor(json) {
      Object.assign(this, json);
      this.decoded = [];
    }
    integers(layer) {
      if (!this.decoded[layer]) {
        const bytes = Uint8Array.from(atob(this.layers[layer].values), (character) => character.charCodeAt(0));
        const view = new DataView(bytes.buffer);
        this.decoded[layer] = Int16Array.from({length: bytes.length / 2}, (_, i) => view.getInt16(2 * i, true));
      }
      return this.decoded[layer];
    }
    heads(layer) {
      return this.layers[layer].heads;
    }
    head(layer, head) {
      const [rows, columns] = [this.rows.length, this.columns.length];
      const from = head < 0 ? 0 : head, to = head < 0 ? this.heads(layer) : head + 1;
      const values = new Float32Array(rows * columns);
      const integers = this.integers(layer);
      for (let h = from; h < to; h++) {
        for (let i = 0; i < values.length; i++) {
          values[i] += integers[h * values.length + i] / LARGEST * this.scale / (to - from);
        }
      }
      return values;
    }
  }

  /** A canvas of this size in CSS pixels, sharp on every screen; returns what draws on it. */
  const sized = (canvas, width, height) => {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    return pen;
  };
  /** Weak weights show as well: the area of ink grows with the root of the weight. */
  const ink = (pen, value, scale) => {
    pen.globalAlpha = Math.sqrt(Math.min(1, Math.abs(value) / scale));
    pen.fillStyle = value < 0 ? pen.negative : pen.positive;
  };
  const inked = (canvas, width, height) => {
    const pen = sized(canvas, width, height);
    pen.positive = colour("c0");
    pen.negative = colour("c1");
    return pen;
  };

  /** All layers and heads as small maps; arrow keys and clicks choose one. */
  class Overview {
    constructor(choose) {
      this.canvas = make("canvas", {tabIndex: 0});
      this.canvas.setAttribute("role", "img");
      this.canvas.addEventListener("click", (event) => choose(Math.floor(event.offsetY / this.pitch), Math.floor(event.offsetX / this.pitch)));
      this.canvas.addEventListener("keydown", (event) => {
        const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
        if (step) {
          event.preventDefault();
          choose(this.layer + step[0], Math.max(0, this.head) + step[1]);
        }
      });
    }
    /** A head's map, a pixel a cell; kept until another kind of map or other colours are shown. */
    image(maps, layer, head, ink) {
      if (this.images?.maps !== maps || this.images.ink !== ink) {
        this.images = {maps, ink};
      }
      const key = layer + " " + head;
      if (!this.images[key]) {
        const image = make("canvas", {width: maps.columns.length, height: maps.rows.length});
        const pixels = new ImageData(image.width, image.height);
        const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16));
        maps.head(layer, head).forEach((value, i) => pixels.data.set([red, green, blue, 255 * Math.sqrt(Math.min(1, value))], 4 * i));
        image.getContext("2d").putImageData(pixels, 0, 0);
        this.images[key] = image;
      }
      return this.images[key];
    }
    draw(maps, layer, head, width) {
      Object.assign(this, {layer, head});
      const most = Math.max(...maps.layers.map((each) => each.heads));
      this.pitch = Math.max(16, Math.min(72, Math.floor(width / most)));
      const size = this.pitch - 3;
      const pen = inked(this.canvas, most * this.pitch, maps.layers.length * this.pitch);
      pen.imageSmoothingEnabled = maps.columns.length > size;
      this.canvas.setAttribute("aria-label", `All layers (downwards) and heads; chosen: layer ${layer}, ${head < 0 ? "mean" : "head " + head}`);
      maps.layers.forEach((each, l) => {
        for (let h = 0; h < each.heads; h++) {
          const [x, y] = [h * this.pitch + 1, l * this.pitch + 1];
          pen.drawImage(this.image(maps, l, h, pen.positive), x, y, size, size);
          pen.strokeStyle = l === layer && (h === head || head < 0) ? colour("warn") : colour("line");
          pen.strokeRect(x - .5, y - .5, size + 1, size + 1);
        }
      });
    }
  }

  /** One head's map with its tokens; the pointer or the arrow keys choose a cell. */
  class HeatMap {
    constructor(say) {
      this.say = say;
      this.cell = null;
      this.canvas = make("canvas", {tabIndex: 0});
      this.canvas.setAttribute("role", "img");
      this.scroll = make("div", {className: "scroll"}, this.canvas);
      const at = (event) => this.to(Math.floor((event.offsetY - this.top) / this.size), Math.floor((event.offsetX - this.left) / this.size));
      this.canvas.addEventListener("pointermove", at);
      this.canvas.addEventListener("click", at);
      this.canvas.addEventListener("keydown", (event) => {
        const [row, column] = this.cell || [0, 0];
        const to = {ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
          Home: [row, 0], End: [row, Infinity]}[event.key];
        if (to) {
          event.preventDefault();
          this.to(...(this.cell ? to : [0, 0]));
        }
      });
    }
    to(row, column) {
      this.cell = [clamp(row, this.maps.rows.length), clamp(column, this.maps.columns.length)];
      this.paint();
      // The cell and its neighbours must be seen where the map is wider than the screen.
      const x = this.left + this.cell[1] * this.size, sight = this.scroll.clientWidth, margin = 2 * this.size;
      if (x + margin > this.scroll.scrollLeft + sight || x - margin < this.scroll.scrollLeft) {
        this.scroll.scrollLeft += x + margin > this.scroll.scrollLeft + sight ? x + margin - this.scroll.scrollLeft - sight
          : x - margin - this.scroll.scrollLeft;
      }
      const value = this.values[this.cell[0] * this.maps.columns.length + this.cell[1]];
      this.say(`${this.maps.rows[this.cell[0]]} → ${this.maps.columns[this.cell[1]]}: ${digits(value)}`);
    }
    draw(maps, values, width, name) {
      Object.assign(this, {maps, values});
      this.cell = this.cell && [clamp(this.cell[0], maps.rows.length), clamp(this.cell[1], maps.columns.length)];
      const pen = this.canvas.getContext("2d");
      pen.font = "12px system-ui, sans-serif";
      const widest = (tokens) => Math.ceil(Math.max(...tokens.map((token) => pen.measureText(shortened(token, 16)).width))) + 8;
      this.left = widest(maps.rows);
      this.top = widest(maps.columns);
      this.size = Math.max(15, Math.min(30, Math.floor((width - this.left - 2) / maps.columns.length)));
      this.canvas.setAttribute("aria-label", `${name}: ${maps.rows.length} rows, ${maps.columns.length} columns; arrow keys read cells`);
      this.paint();
    }
    paint() {
      const {maps, values, left, top, size} = this;
      const pen = inked(this.canvas, left + maps.columns.length * size + 2, top + maps.rows.length * size + 2);
      const [row, column] = this.cell || [-1, -1];
      pen.textBaseline = "middle";
      const label = (token, chosen) => {
        pen.font = (chosen ? "bold " : "") + "12px system-ui, sans-serif";
        pen.fillStyle = colour(chosen ? "ink" : "faint");
        return shortened(token, 16);
      };
      maps.rows.forEach((token, i) => {
        pen.textAlign = "right";
        pen.fillText(label(token, i === row), left - 5, top + (i + .5) * size);
      });
      maps.columns.forEach((token, i) => {
        pen.save();
        pen.translate(left + (i + .5) * size, top - 5);
        pen.rotate(-Math.PI / 2);
        pen.textAlign = "left";
        pen.fillText(label(token, i === column), 0, 0);
        pen.restore();
      });
      values.forEach((value, i) => {
        ink(pen, value, maps.scale);
        pen.fillRect(left + (i % maps.columns.length) * size, top + Math.floor(i / maps.columns.length) * size, size - 1, size - 1);
      });
      pen.globalAlpha = 1;
      pen.strokeStyle = colour("line");
      pen.strokeRect(left - 1.5, top - 1.5, maps.columns.length * size + 2, maps.rows.length * size + 2);
      if (row >= 0) {
        pen.strokeStyle = colour("warn");
        pen.lineWidth = 2;
        pen.strokeRect(left + column * size - 1, top + row * size - 1, size + 1, size + 1);
      }
    }
  }

  /** Rows on the right, columns on the left, and lines as strong as the weights: of all tokens, or of the one that is pointed to. */
  class Lines {
    constructor(say) {
      this.say = say;
      this.svg = svg("svg", {class: "lines", role: "group"});
    }
    draw(maps, values, name) {
      const pitch = 20, half = [130, 310];
      const height = Math.max(maps.rows.length, maps.columns.length) * pitch + 8;
      this.svg.replaceChildren();
      this.svg.setAttribute("viewBox", `0 0 440 ${height}`);
      this.svg.setAttribute("aria-label", name + " as lines");
      const y = (i) => (i + .5) * pitch + 4;
      const curves = svg("g", {"aria-hidden": "true"});
      const show = (row, column) => {
        curves.replaceChildren();
        values.forEach((value, i) => {
          const [r, c] = [Math.floor(i / maps.columns.length), i % maps.columns.length];
          const weight = Math.abs(value) / maps.scale;
          if (weight > (maps.signed ? .2 : .02) && (row === null || r === row) && (column === null || c === column)) {
            curves.append(svg("line", {x1: half[0], y1: y(c), x2: half[1], y2: y(r), class: value < 0 ? "c1" : "c0",
              "stroke-width": 1 + 3 * weight, "stroke-opacity": Math.max(.08, weight)}));
          }
        });
      };
      const token = (text, i, isRow) => {
        const group = svg("g", {tabindex: "0", role: "button"});
        const label = svg("text", {x: isRow ? half[1] + 6 : half[0] - 6, y: y(i) + 4, "text-anchor": isRow ? "start" : "end"});
        label.textContent = shortened(text, 17);
        // A finger needs more than the letters.
        const ground = svg("rect", {x: isRow ? half[1] : 0, y: y(i) - pitch / 2, width: 130, height: pitch, fill: "transparent"});
        group.append(ground, label);
        const on = () => {
          show(isRow ? i : null, isRow ? null : i);
          group.classList.add("on");
          const others = isRow ? maps.columns : maps.rows;
          const best = others.map((other, j) => [other, values[isRow ? i * maps.columns.length + j : j * maps.columns.length + i]])
            .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 3).map(([other, value]) => `${other} ${digits(value)}`).join(", ");
          this.say(`${text} ${isRow ? "→" : "←"} ${best}`);
        };
        const off = () => {
          group.classList.remove("on");
          show(null, null);
        };
        group.addEventListener("pointerenter", on);
        group.addEventListener("pointerleave", off);
        group.addEventListener("focus", on);
        group.addEventListener("blur", off);
        return group;
      };
      this.svg.append(curves, ...maps.columns.map((text, i) => token(text, i, false)), ...maps.rows.map((text, i) => token(text, i, true)));
      show(null, null);
    }
  }

  /** Everything that is drawn of one line of text. */
  class View {
    constructor(place, kinds) {
      this.place = place;
      this.kinds = kinds.map((json) => new Maps(json));
      const output = make("output");
      output.setAttribute("aria-live", "polite");
      const say = (text) => { output.textContent = text; };
      this.overview = new Overview((layer, head) => this.choose(layer, head));
      this.map = new HeatMap(say);
      this.lines = new Lines(say);
      this.buttons = this.kinds.map((maps, i) => make("button", {type: "button", textContent: maps.name, onclick: () => this.show(i)}));
      this.layers = make("select", {onchange: () => this.choose(+this.layers.value, this.head)});
      this.heads = make("select", {onchange: () => this.choose(this.layer, +this.heads.value)});
      this.choice = make("span", {className: "bar"}, make("label", {}, "Layer ", this.layers), make("label", {}, "Head ", this.heads));
      this.titles = [0, 1, 2].map(() => make("figcaption"));
      this.figures = [this.overview.canvas, this.map.scroll, this.lines.svg]
        .map((drawn, i) => make("figure", {}, this.titles[i], drawn));
      place.replaceChildren(make("div", {className: "bar"}, ...this.buttons), this.choice, output,
        make("div", {className: "panes"}, ...this.figures));
      const cross = this.kinds.findIndex((maps) => maps.name === "Cross-attention");
      this.show(Math.max(0, cross));
    }
    show(kind) {
      this.maps = this.kinds[kind];
      this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === kind)));
      this.choose(this.maps.layers.length - 1, -1);
    }
    choose(layer, head) {
      this.layer = clamp(layer, this.maps.layers.length);
      this.head = head < 0 ? -1 : clamp(head, this.maps.heads(this.layer));
      const option = (value, text, chosen) => make("option", {value, textContent: text, selected: chosen});
      this.layers.replaceChildren(...this.maps.layers.map((_, i) => option(i, i, i === this.layer)));
      this.heads.replaceChildren(option(-1, "mean of all", this.head < 0),
        ...Array.from({length: this.maps.heads(this.layer)}, (_, i) => option(i, i, i === this.head)));
      this.draw();
    }
    draw() {
      const maps = this.maps, alone = maps.layers.length === 1 && maps.heads(0) === 1;
      this.choice.hidden = alone;
      this.choice.style.display = alone ? "none" : "";
      this.figures[0].hidden = alone;
      const name = maps.signed ? "Saliency: blue speaks for the prediction, orange against it" : alone ? maps.name : `${maps.name}, layer ${this.layer}, ${this.head < 0 ? "mean of its heads" : "head " + this.head}`;
      this.titles[0].textContent = `${maps.name}: layers downwards, heads across`;
      this.titles[1].textContent = name;
      this.titles[2].textContent = maps.name === "Cross-attention" ? "Alignment: source left, target right"
        : maps.signed ? "The same as lines, weak ones left out" : "The same as lines";
      const values = maps.head(this.layer, this.head);
      const inside = (figure) => figure.clientWidth - 24;
      if (!alone) {
        this.overview.draw(maps, this.layer, this.head, inside(this.figures[0]));
      }
      this.map.draw(maps, values, inside(this.figures[1]), name);
      this.lines.draw(maps, values, name);
    }
  }

  const views = [];
  const open = (line) => {
    if (line.open && !line.dataset.drawn) {
      line.dataset.drawn = "1";
      const data = JSON.parse(line.querySelector("script[type='application/json']").textContent);
      views.push(new View(line.querySelector(".maps"), data.maps));
    }
  };
  document.querySelectorAll("details.line").forEach((line) => {
    line.addEventListener("toggle", () => open(line));
    open(line);
  });
  const again = () => views.filter((view) => view.place.offsetParent).forEach((view) => view.draw());
  dark.addEventListener("change", again);
  let waiting;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(again, 150);
  });
})();
