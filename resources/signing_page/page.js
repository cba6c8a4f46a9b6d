// The page on which somebody reads and signs on a phone. All times are the service's own: each step is told at once.
"use strict";
(() => {
  const root = document.documentElement, body = document.body, base = body.dataset.base;
  const one = (selector) => document.querySelector(selector), all = (selector) => [...document.querySelectorAll(selector)];
  const store = {
    get(name) { try { return sessionStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { sessionStorage.setItem(name, value); } catch { /* only a reload loses it then */ } },
    drop(name) { try { sessionStorage.removeItem(name); } catch { /* nothing was kept */ } },
  };

  // --- the language -----------------------------------------------------------------------------
  function speak(language, chosen) {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    for (const button of all("[data-choose]")) button.setAttribute("aria-pressed", String(button.dataset.choose === language));
    for (const name of ["title", "alt", "aria-label"])
      for (const element of all(`[data-${name}-zh]`)) element.setAttribute(name, element.getAttribute(`data-${name}-${language}`));
    document.title = `${one("title").getAttribute("title")} · Forecourt`;
    const field = one("input[name=language]");
    if (field && chosen) field.value = code();
    if (chosen) store.set("language", language);
  }
  const code = () => (root.dataset.language === "zh" ? "zh_CN" : "en");
  for (const button of all("[data-choose]")) button.addEventListener("click", () => speak(button.dataset.choose, true));
  const kept = store.get("language");
  speak(kept === "zh" || kept === "en" ? kept : root.dataset.language, Boolean(kept));

  if (body.dataset.stage === "code") return enter();
  if (body.dataset.stage === "over") return over();
  if (body.dataset.stage === "read") read();

  // --- the code ---------------------------------------------------------------------------------
  function enter() {
    const form = one("#enter"), key = form.elements.key;
    const told = location.hash.slice(1);
    if (told) {
      key.value = told;
      history.replaceState(null, "", location.pathname);
    } else if (!key.value && form.dataset.known === "1") {
      location.replace(`${base}/read`);
      return;
    }
    const knows = Boolean(key.value);
    one("#scan").hidden = knows;
    one("#ask").hidden = one("#digits").hidden = !knows;
  }

  // --- the end: whether the desk has it by now ----------------------------------------------------
  function over() {
    store.drop("pending");
    if (!["signed", "declined"].includes(body.dataset.state)) return;
    const timer = setInterval(async () => {
      if (document.hidden) return;
      try {
        const told = await (await fetch(`${base}/state`, { cache: "no-store" })).json();
        if (told.state !== body.dataset.state) { clearInterval(timer); location.reload(); }
      } catch { /* the next look will tell */ }
    }, 4000);
  }

  // --- reading, acknowledging, signing -----------------------------------------------------------
  function read() {
    const pages = Number(one("#read").dataset.pages), boxes = all("[data-clause]");
    let seen = Number(one("#read").dataset.seen), told = seen, busy = false;
    one("#until").textContent = new Date(Number(one("#until").dataset.at))
      .toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

    // Everything is told one after the other, and again until it arrived.
    let line = Promise.resolve();
    const pause = (ms) => new Promise((done) => setTimeout(done, ms));
    function tell(path, message) {
      const sent = line.then(() => send(path, message));
      line = sent.catch(() => undefined);
      return sent;
    }
    async function send(path, message) {
      for (let tries = 0; ; tries += 1) {
        try {
          const answer = await fetch(`${base}/${path}`, {
            method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(message), cache: "no-store",
          });
          if (answer.status === 200 || answer.status === 409) { one("#offline").hidden = true; return await answer.json(); }
          if (answer.status < 500 && answer.status !== 429) { one("#failed").hidden = false; return {}; }
        } catch { /* no connection */ }
        one("#offline").hidden = false;
        await pause(Math.min(1000 * 2 ** tries, 8000));
      }
    }
    function isOver(answer) {
      const state = answer.state || answer.why;
      if (!["signed", "declined", "taken", "withdrawn", "expired", "locked", "unknown", "elsewhere"].includes(state)) return false;
      store.drop("pending");
      location.reload();
      return true;
    }

    // Reading: the end of a page has been in sight, above the bar at the bottom, with its picture there.
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) reached(entry.target);
    }, { rootMargin: "0px 0px -64px 0px" });
    function reached(end) {
      const picture = end.parentElement.querySelector("img"), n = Number(end.dataset.end);
      if (!(picture.complete && picture.naturalWidth)) {
        picture.addEventListener("load", () => { watch.unobserve(end); watch.observe(end); }, { once: true });
        return;
      }
      if (n > seen + 1) return;
      seen = Math.max(seen, n);
      watch.unobserve(end);
      for (const next of all("[data-end]")) if (Number(next.dataset.end) === seen + 1) { watch.unobserve(next); watch.observe(next); }
      if (seen > told) { told = seen; tell("note", { seen }).then(isOver); }
      show();
    }
    for (const picture of all("figure img"))
      picture.addEventListener("error", () => setTimeout(() => { picture.src = picture.src.split("?")[0] + `?again=${Date.now()}`; }, 3000));
    for (const end of all("[data-end]")) if (Number(end.dataset.end) > seen) watch.observe(end);

    // Clauses, each by itself.
    for (const box of boxes)
      box.addEventListener("change", async () => {
        const clause = box.closest(".clause"), taken = box.checked;
        clause.classList.add("waiting");
        show();
        const answer = await tell("note", { clause: box.dataset.clause, taken });
        if (isOver(answer)) return;
        if (answer.acknowledged && box.checked === taken) box.checked = box.dataset.clause in answer.acknowledged;
        clause.classList.remove("waiting");
        show();
      });

    // The pad.
    const pad = one("#pad"), ink = pad.getContext("2d");
    let strokes = [], stroke = null, pen = "touch", began = 0, width = 0, scale = 1;
    function fit() {
      const box = pad.getBoundingClientRect(), sharp = window.devicePixelRatio || 1;
      pad.width = Math.round(pad.clientWidth * sharp);
      pad.height = Math.round(pad.clientHeight * sharp);
      scale = strokes.length || stroke ? box.width / width : 1;
      if (!strokes.length && !stroke) width = box.width;
      ink.setTransform(sharp * scale, 0, 0, sharp * scale, 0, 0);
      ink.lineCap = ink.lineJoin = "round";
      ink.strokeStyle = ink.fillStyle = "#14213d";
      for (const drawn of strokes) for (let n = 0; n < drawn.length; n += 1) draw(drawn, n);
    }
    function draw(points, n) {
      const [, x, y, pressure] = points[n], from = points[n - 1] || points[n];
      ink.lineWidth = 1.2 + 2.4 * pressure;
      ink.beginPath();
      ink.moveTo(from[1], from[2]);
      ink.lineTo(x, y);
      ink.stroke();
    }
    function add(event) {
      const box = pad.getBoundingClientRect(), two = (value) => Math.round(value * 100) / 100;
      if (!began) began = event.timeStamp;
      const x = (event.clientX - box.left - pad.clientLeft) / scale, y = (event.clientY - box.top - pad.clientTop) / scale;
      const pressure = event.pressure > 0 && event.pointerType !== "mouse" ? event.pressure : 0.5;
      stroke.push([Math.max(0, Math.round(event.timeStamp - began)), two(x), two(y), two(Math.min(1, pressure))]);
      draw(stroke, stroke.length - 1);
    }
    let pointer = null;
    pad.addEventListener("pointerdown", (event) => {
      if (pointer !== null || busy || (event.pointerType === "mouse" && event.button !== 0)) return;
      event.preventDefault();
      pointer = event.pointerId;
      pad.setPointerCapture(pointer);
      pen = ["pen", "touch", "mouse"].includes(event.pointerType) ? event.pointerType : "touch";
      stroke = [];
      advise("");
      add(event);
    });
    // The browser would take the end of a stroke for a fling, and the tap after it for what stops the fling.
    pad.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    pad.addEventListener("pointermove", (event) => {
      if (event.pointerId !== pointer) return;
      const between = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const each of between.length ? between : [event]) add(each);
    });
    for (const name of ["pointerup", "pointercancel"])
      pad.addEventListener(name, (event) => {
        if (event.pointerId !== pointer) return;
        pointer = null;
        strokes.push(stroke);
        stroke = null;
        show();
      });
    one("#wipe").addEventListener("click", () => { strokes = []; stroke = null; began = 0; fit(); advise(""); show(); });
    window.addEventListener("resize", fit);
    fit();

    // The same measure as the service's: enough points, and more ink than a dot or a dash.
    function isShort() {
      const points = strokes.flat();
      if (points.length < 8) return true;
      const side = Math.max(...[1, 2].map((n) => Math.max(...points.map((p) => p[n])) - Math.min(...points.map((p) => p[n]))));
      let drawn = 0;
      for (const line of strokes) for (let n = 1; n < line.length; n += 1) drawn += Math.hypot(line[n][1] - line[n - 1][1], line[n][2] - line[n - 1][2]);
      return !side || drawn / side < 1.4;
    }
    function advise(why) {
      for (const each of all("[data-why]")) each.hidden = each.dataset.why !== why;
      pad.classList.toggle("wrong", why === "short" || why === "long");
    }
    const unticked = () => boxes.find((box) => !box.checked);

    one("#go").addEventListener("click", () => {
      if (busy) return;
      if (seen < pages) { advise("unread"); all("[data-end]")[seen].parentElement.scrollIntoView(); return; }
      const open = unticked();
      if (open) { advise("clauses"); open.closest(".clause").scrollIntoView({ block: "center" }); return; }
      if (isShort()) { advise("short"); return; }
      give("give", { strokes, pen, language: code() });
    });
    one("#reason").addEventListener("input", () => advise(""));
    one("#refuse").addEventListener("click", () => {
      const reason = one("#reason").value.trim();
      if (busy) return;
      if (!reason) { advise("reason"); one("#reason").focus(); return; }
      give("decline", { reason, language: code() });
    });
    async function give(path, message) {
      busy = true;
      one("#go").disabled = one("#refuse").disabled = true;
      one("#sending").hidden = false;
      store.set("pending", JSON.stringify({ path, message }));
      const answer = await tell(path, message);
      if (isOver(answer)) return;
      store.drop("pending");
      busy = false;
      one("#go").disabled = one("#refuse").disabled = false;
      one("#sending").hidden = true;
      advise(answer.why || "");
      one("#failed").hidden = Boolean(one(`[data-why="${answer.why}"]`));
    }

    // What is left to do, always in sight.
    const left = one("#left");
    let here = false;
    new IntersectionObserver((entries) => { here = entries[entries.length - 1].isIntersecting; show(); }, { threshold: 1 }).observe(one("#go"));
    function step() {
      if (seen < pages) return "read";
      return unticked() ? "clauses" : "sign";
    }
    function show() {
      const now = step(), ticked = boxes.filter((box) => box.checked).length;
      if (one("#count")) one("#count").textContent = `${ticked}/${boxes.length}`;
      one("#wipe").disabled = !strokes.length && !stroke;
      for (const each of all("[data-left]")) each.hidden = each.dataset.left !== now;
      left.hidden = here;
    }
    one("#next").addEventListener("click", () => {
      const now = step();
      if (now === "read") all("[data-end]")[seen].scrollIntoView({ block: "end", behavior: "smooth" });
      else if (now === "clauses") (unticked().closest(".clause")).scrollIntoView({ block: "center", behavior: "smooth" });
      else {
        // First what becomes of the data; then, on a low screen, the pad with its button.
        const there = one("#sign").getBoundingClientRect().top < window.innerHeight / 3;
        one(there ? "#go" : "#sign").scrollIntoView({ block: there ? "end" : "start", behavior: "smooth" });
      }
    });
    show();

    // A signature that was on its way when the page was loaded again.
    const pending = store.get("pending");
    if (pending) {
      const { path, message } = JSON.parse(pending);
      give(path, message);
    }
    setInterval(async () => {
      if (document.hidden || busy) return;
      try {
        const answer = await (await fetch(`${base}/state`, { cache: "no-store" })).json();
        isOver(answer);
      } catch { /* said when something is to be sent */ }
    }, 10000);
  }
})();
