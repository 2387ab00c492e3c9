/* Turns the sheets of a screen on a wall, and one that is to stay brings up to date. It never leaves the page, so that a hub
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
  function show(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    if (!page.body.getAttribute("data-next") || styles(page) !== styles(document)) {
      location.reload(); /* another program has made it */
      return;
    }
    body.innerHTML = page.body.innerHTML;
    body.setAttribute("data-next", page.body.getAttribute("data-next"));
    wait();
  }
  function turn() {
    var ask = new XMLHttpRequest();
    ask.open("GET", body.getAttribute("data-next"));
    ask.timeout = 10000;
    ask.onload = function () {
      if (ask.status === 200) show(ask.responseText);
      else away();
    };
    ask.onerror = ask.ontimeout = away;
    ask.send();
  }
  function wait() {
    setTimeout(turn, 1000 * Number(body.getAttribute("data-turn") || body.getAttribute("data-stay")));
  }
  wait();
})();
