// The connection to the server. It is lost when the browser says so, or when nothing has come for a while: a cable that
// was pulled out says nothing.

const SILENCE = 12000; // ms; the server says something every 5 s
const RETRY = [1000, 2000, 4000, 8000]; // ms

export class Stream {
  // take gets each message; lost is called when the connection is.
  constructor(take, lost) {
    this.take = take;
    this.lost = lost;
    this.tries = 0;
    this.query = "";
  }

  open(query) {
    this.query = query;
    this.connect();
  }

  connect() {
    this.close();
    const source = new EventSource("wallboard/events" + this.query);
    this.source = source;
    for (const kind of ["snapshot", "delta", "trail", "beat"]) {
      source.addEventListener(kind, (event) => {
        if (source !== this.source) return;
        this.tries = 0;
        this.watch();
        this.take(kind, JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      if (source === this.source) this.fail();
    };
    this.watch();
  }

  watch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fail(), SILENCE);
  }

  fail() {
    this.close();
    this.lost();
    const wait = RETRY[Math.min(this.tries++, RETRY.length - 1)];
    this.timer = setTimeout(() => this.connect(), wait * (0.8 + 0.4 * Math.random()));
  }

  close() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
  }
}
