/* Turns the sheets of a screen on a wall, and one that is to stay brings up to date; where the live socket tells that what
   is shown has changed, at once. It never leaves the page, so that a hub
   that is gone for a while leaves the last sheet standing instead of the browser's
   own page of an error, and goes on when it is back. For the oldest browsers. */
(function () {
  var body = document.body;
  var soon = 5000;
  function styles(page) {
    var all = page.querySelectorAll("link[rel=stylesheet]"), out = "";
    for (var i = 0; i < all.length; i++) out += all[i].getAttribute("href") + " ";
    return out;
  }
  function away() {
    var said = document.querySelector("[data-away]");
    if (said) said.hidden = false;
    setTimeout(turn, soon);
  }
  var asking, stale, socket, later = 1000;
  function show(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    if (!page.body.getAttribute("data-next") || styles(page) !== styles(document)) {
      location.reload(); /* another program has made it */
      return;
    }
    body.innerHTML = page.body.innerHTML;
    var names = ["data-next", "data-here", "data-topics"];
    for (var i = 0; i < names.length; i++) body.setAttribute(names[i], page.body.getAttribute(names[i]));
  }
  /* One request at a time: what changes meanwhile is asked for after it. */
  function load(path, shown, failed) {
    asking = true;
    stale = false;
    var ask = new XMLHttpRequest();
    ask.open("GET", path);
    ask.timeout = 10000;
    ask.onload = function () {
      asking = false;
      if (ask.status !== 200) return failed();
      show(ask.responseText);
      watch();
      shown();
      if (stale) fresh();
    };
    ask.onerror = ask.ontimeout = function () {
      asking = false;
      failed();
    };
    ask.send();
  }
  function turn() {
    if (asking) setTimeout(turn, 200);
    else load(body.getAttribute("data-next"), wait, away);
  }
  function wait() {
    setTimeout(turn, 1000 * Number(body.getAttribute("data-turn") || body.getAttribute("data-stay")));
  }
  function nothing() {}
  /* Brings this sheet up to date; the next one comes when it would. */
  function fresh() {
    stale = true;
    if (!asking) load(body.getAttribute("data-here"), nothing, nothing);
  }
  function watch() {
    var topics = body.getAttribute("data-topics");
    if (socket && socket.readyState === 1 && socket.watches !== topics) {
      socket.watches = topics;
      socket.send('{"watch":' + topics + "}");
    }
  }
  function connect() {
    try {
      socket = new WebSocket(location.origin.replace("http", "ws") + "/api/v1/live");
    } catch (e) {
      return; /* the sheets turn all the same */
    }
    socket.onopen = watch;
    socket.onmessage = function (e) {
      later = 1000;
      var told = JSON.parse(e.data);
      if (told.changed || told.watching && !socket.heard) fresh(); /* nobody told what changed before there was a socket */
      socket.heard = true;
    };
    socket.onclose = function () {
      setTimeout(connect, later + Math.random() * 1000);
      later = Math.min(2 * later, 60000);
    };
  }
  wait();
  if (JSON.parse(body.getAttribute("data-topics") || "[]").length) connect();
})();
