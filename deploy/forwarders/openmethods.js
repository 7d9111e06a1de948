// Forwards the messages of OpenMethods' Interaction Processor to Ringside. Load it after buffer.js and forwarder.js, and
// call Ringside.openmethods(source), where source is what the messages come from: see below.
(function (root) {
  'use strict';

  // Names whose plain values go out of "data" and "context", at any depth: what says which object it is and what state
  // it has. All others stay: the data of an interaction, and p1 to p20 of a signal, are the customer's.
  const names = [
    'id', 'type', 'modeltype', 'state', 'previousState', 'status', 'reason', 'reasonCode', 'code', 'direction', 'agentId',
    'sessionId', 'channelId', 'channelGroupId', 'interactionId', 'conversationId', 'nativeId', 'scriptId',
    'interactionDispositionId', 'endpoint', 'role', 'consult',
  ];
  // A signal is known by its name. Elsewhere a name may be that of a customer.
  const named = /^interaction\.incontact\./;
  const numbers = ['ani', 'dnis', 'phoneNumber', 'address'];
  // Within these only the names above are looked for; what else is an object or a list is not looked into.
  const containers = [
    'data', 'context', 'session', 'channelgroup', 'channel', 'interaction', 'conversation', 'member', 'members', 'channels',
    'dispositions', 'capabilities', 'state', 'failure',
  ];

  function chosen(value, keep, depth) {
    if (value === null || typeof value !== 'object') {
      return undefined;
    }
    if (Array.isArray(value)) {
      return depth > 0 ? value.slice(0, 100).map((v) => chosen(v, keep, depth - 1) || null) : undefined;
    }
    const out = {};
    Object.keys(value).forEach((name) => {
      const v = value[name];
      if (v === null || typeof v !== 'object') {
        if (keep[name]) {
          out[name] = v;
        }
      } else if (depth > 0 && containers.indexOf(name) >= 0) {
        out[name] = chosen(v, keep, depth - 1);
      }
    });
    return out;
  }

  // messageOf returns what of a message goes out; undefined if it is none of the Interaction Processor's.
  function messageOf(message, keep) {
    if (!message || typeof message !== 'object' || typeof (message.name || message.command) !== 'string') {
      return undefined;
    }
    const out = root.Ringside.pick(message, { messageType: true, name: true, command: true, target: true, result: true });
    ['data', 'context'].forEach((part) => {
      const v = chosen(message[part], keep, 5);
      if (v) {
        out[part] = v;
      }
    });
    if (named.test(out.name) && message.data && typeof message.data.name === 'string') {
      out.data.name = message.data.name;
    }
    if (message.failure && typeof message.failure === 'object') {
      out.failure = { code: message.failure.code };
    }
    return out;
  }

  // openmethods forwards the messages of source: anything with addEventListener('message') (a WebSocket, a port, the
  // window: then options.origins lists whose messages are taken), anything with subscribe(callback), or nothing: then
  // hand each message to the forwarder's method message.
  root.Ringside.openmethods = function (source, options) {
    const config = Object.assign({ source: 'openmethods' }, root.Ringside.settings(null), options);
    const forwarder = root.Ringside.forwarder(config);
    const keep = {};
    names.concat(config.numbers === true ? numbers : []).forEach((name) => {
      keep[name] = true;
    });

    forwarder.message = root.Ringside.guarded(forwarder, (message) => {
      let parsed = message;
      if (typeof message === 'string') {
        if (message[0] !== '{') {
          return;
        }
        parsed = JSON.parse(message);
      }
      const data = messageOf(parsed, keep);
      if (data) {
        forwarder.send(data.name || data.command, data);
      }
    });

    if (source && typeof source.addEventListener === 'function') {
      const windows = source === root;
      source.addEventListener('message', (e) => {
        if (!windows || (config.origins || []).indexOf(e.origin) >= 0) {
          forwarder.message(e.data);
        }
      });
    } else if (source && typeof source.subscribe === 'function') {
      source.subscribe(forwarder.message);
    }
    return forwarder;
  };
})(window);
