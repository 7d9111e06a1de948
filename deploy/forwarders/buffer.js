// Where Ringside's forwarders keep events until they are sent: IndexedDB, else localStorage, else the page's memory. And
// how the tabs of one origin agree on who sends: Web Locks, else a lease in localStorage. Load it before forwarder.js.
(function (root) {
  'use strict';

  const STORE = 'events';
  // localStorage has a few MiB for all of an origin.
  const STORAGE_LIMIT = 1000;
  const LEASE_MS = 15000;

  function settled(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  function finished(transaction) {
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error || new Error('aborted'));
      transaction.onerror = () => reject(transaction.error);
    });
  }

  function openDatabase(name) {
    const request = root.indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    return settled(request);
  }

  // databaseBuffer numbers events as they come, from all tabs.
  function databaseBuffer(db) {
    db.onversionchange = () => db.close();

    // trim deletes the oldest, within a transaction, and returns how many.
    async function trim(store, excess) {
      let dropped = 0;
      if (excess > 0) {
        const keys = await settled(store.getAllKeys(null, excess));
        keys.forEach((key) => store.delete(key));
        dropped = keys.length;
      }
      return dropped;
    }

    async function insert(record, limit) {
      const transaction = db.transaction(STORE, 'readwrite');
      const done = finished(transaction);
      const store = transaction.objectStore(STORE);
      store.add(record);
      const results = await Promise.all([settled(store.count()).then((count) => trim(store, count - limit)), done]);
      return results[0];
    }

    return {
      async add(record, limit) {
        try {
          return await insert(record, limit);
        } catch (e) {
          if (!e || e.name !== 'QuotaExceededError') {
            throw e;
          }
          const transaction = db.transaction(STORE, 'readwrite');
          const done = finished(transaction);
          const store = transaction.objectStore(STORE);
          const dropped = await trim(store, Math.ceil((await settled(store.count())) / 10));
          await done;
          return dropped + (await insert(record, limit));
        }
      },
      async first() {
        const cursor = await settled(db.transaction(STORE, 'readonly').objectStore(STORE).openCursor());
        return cursor ? { key: cursor.key, record: cursor.value } : null;
      },
      remove(key) {
        const transaction = db.transaction(STORE, 'readwrite');
        transaction.objectStore(STORE).delete(key);
        return finished(transaction);
      },
      count: () => settled(db.transaction(STORE, 'readonly').objectStore(STORE).count()),
    };
  }

  // storageBuffer has a key for each event, which sorts by the time at which it was taken.
  function storageBuffer(storage, name) {
    const prefix = name + ':e:';
    let last = 0;

    function keys() {
      const found = [];
      for (let i = 0; i < storage.length; i++) {
        const key = storage.key(i);
        if (key.startsWith(prefix)) {
          found.push(key);
        }
      }
      return found.sort();
    }

    return {
      async add(record, limit) {
        last = Math.max(last + 1, Date.now() * 1000);
        const key = prefix + String(last).padStart(17, '0') + ':' + record.id;
        const most = Math.min(limit, STORAGE_LIMIT);
        let dropped = 0;
        for (const old = keys(); ; ) {
          try {
            if (old.length < most) {
              storage.setItem(key, JSON.stringify(record));
              return dropped;
            }
          } catch (e) {
            if (old.length === 0) {
              throw e;
            }
          }
          storage.removeItem(old.shift());
          dropped++;
        }
      },
      async first() {
        const key = keys()[0];
        const text = key && storage.getItem(key);
        return text ? { key: key, record: JSON.parse(text) } : null;
      },
      async remove(key) {
        storage.removeItem(key);
      },
      count: async () => keys().length,
    };
  }

  // memoryBuffer is for pages that may keep nothing, such as sandboxed frames: what it has is lost with the page.
  function memoryBuffer() {
    const entries = [];
    let next = 1;
    return {
      async add(record, limit) {
        entries.push({ key: next++, record: record });
        return entries.splice(0, Math.max(0, entries.length - limit)).length;
      },
      first: async () => entries[0] || null,
      async remove(key) {
        const i = entries.findIndex((entry) => entry.key === key);
        if (i >= 0) {
          entries.splice(i, 1);
        }
      },
      count: async () => entries.length,
    };
  }

  function localStore() {
    try {
      const probe = 'ringside-forwarder:probe';
      root.localStorage.setItem(probe, '1');
      root.localStorage.removeItem(probe);
      return root.localStorage;
    } catch (e) {
      return null;
    }
  }

  const memories = {};

  async function openBuffer(name) {
    try {
      return databaseBuffer(await openDatabase(name));
    } catch (e) {
      const storage = localStore();
      if (storage) {
        return storageBuffer(storage, name);
      }
      memories[name] = memories[name] || memoryBuffer();
      return memories[name];
    }
  }

  function sleep(ms) {
    return new Promise((resolve) => {
      root.setTimeout(resolve, ms);
    });
  }

  // leased runs work while this page holds a lease in localStorage. Two pages that take it in the same instant may both
  // send for a moment: the ids of the events make that harmless.
  async function leased(storage, name, work) {
    const key = name + ':lease';
    const me = String(Math.random());
    const held = () => {
      const lease = (storage.getItem(key) || '').split(' ');
      return lease[0] !== me && Number(lease[1]) > Date.now();
    };
    const renew = () => storage.setItem(key, me + ' ' + (Date.now() + LEASE_MS));
    const release = () => {
      if (!held()) {
        storage.removeItem(key);
      }
    };
    root.addEventListener('pagehide', release);
    let timer = 0;
    try {
      do {
        while (held()) {
          await sleep(500 + Math.random() * 500);
        }
        renew();
        await sleep(50 + Math.random() * 50);
      } while (held());
      timer = root.setInterval(renew, LEASE_MS / 3);
      return await work();
    } finally {
      root.clearInterval(timer);
      root.removeEventListener('pagehide', release);
      release();
    }
  }

  function exclusively(name, work) {
    if (root.navigator.locks) {
      return root.navigator.locks.request(name, work);
    }
    const storage = localStore();
    return storage ? leased(storage, name, work) : work();
  }

  root.Ringside = Object.assign(root.Ringside || {}, { openBuffer: openBuffer, exclusively: exclusively });
})(window);
