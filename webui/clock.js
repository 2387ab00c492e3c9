/* Tells the hub what time this device shows. Pages ask for it only while the
   hub does not know the time. Written for the oldest browsers. */
(function () {
  try {
    var ask = new XMLHttpRequest();
    ask.open("POST", "/api/v1/clock");
    ask.setRequestHeader("Content-Type", "application/json");
    ask.send(JSON.stringify({ now: new Date().getTime() }));
  } catch (e) {
    /* The page works without. */
  }
})();
