// Forwards the finished interactions of Bright Pattern's Agent Desktop to Ringside. Load it after buffer.js and
// forwarder.js, in the page that makes the AgentDesktopClientAPI, and call Ringside.brightpattern(adApi).
(function (root) {
  'use strict';

  // What goes out of a record. Not: subject, email, description, attachedData, associatedObjects, the addresses of
  // recordings.
  const record = {
    interactionId: true, globalInteractionId: true, agentId: true, state: true, type: true, service: true,
    callDirection: true, startTime: true, endTime: true, duration: true, disposition: true, origination: true,
    callMuted: true, callRecording: true,
  };
  const numbers = { phoneNumber: true, DNIS: true, ANI: true, transferANI: true };

  // parties keeps who took part: of colleagues the name, of everybody else only that there was somebody.
  function parties(list, withNumbers) {
    return list.map((party) => {
      const out = root.Ringside.pick(party, { id: true, userId: true }) || {};
      if (out.userId) {
        out.name = party.name;
      }
      if (withNumbers || out.userId) {
        out.phone = party.phone;
      }
      return out;
    });
  }

  // Both callbacks of a record that ended have the same data; the first says it at once, the second has what the agent
  // wrote down after.
  const RECORDS = { ON_INTERACTION_REMOVED: 'onInteractionEnd', ON_SAVE_ACTIVITY_RECORD: 'onSaveActivityRecord' };

  // brightpattern forwards what adApi tells. It returns the forwarder; its method record(activity) takes a record from a
  // handler of yours.
  root.Ringside.brightpattern = function (adApi, options) {
    const config = Object.assign({ source: 'brightpattern' }, root.Ringside.settings(null), options);
    let login = {}; // who is logged in, as the desktop has it
    const given = config.agent;
    const givenName = config.agentName;
    config.agent = () => (typeof given === 'function' ? given() : given) || login.agentId;
    config.agentName = () => (typeof givenName === 'function' ? givenName() : givenName) || login.username;
    const forwarder = root.Ringside.forwarder(config);
    const withNumbers = config.numbers === true;
    const shape = Object.assign({}, record, withNumbers ? numbers : {});
    const learn = root.Ringside.guarded(forwarder, (state) => {
      if (state && state.agentId) {
        login = state;
      }
    });

    const send = (event) => root.Ringside.guarded(forwarder, (activity) => {
      const data = root.Ringside.pick(activity, shape);
      if (data && Array.isArray(activity.callParties)) {
        data.callParties = parties(activity.callParties, withNumbers);
      }
      forwarder.send(event, data);
    });
    forwarder.record = send('onSaveActivityRecord');

    Object.keys(RECORDS).forEach((name) => adApi.on(name, send(RECORDS[name])));
    adApi.on('ON_LOGIN', learn);
    if (typeof adApi.getLoginState === 'function') {
      Promise.resolve(adApi.getLoginState()).then((result) => learn(result && result.data), () => {});
    }
    return forwarder;
  };
})(window);
