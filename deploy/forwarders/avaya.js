// Forwards the events of Avaya Workspaces to Ringside: a widget without a face, for a tab that is always there (Home),
// so that each event is heard once. Load it after buffer.js and forwarder.js, or as one file with them.
(function (root) {
  'use strict';

  const reason = { state: true, stateReason: true, reasonCode: true, lastStateChangeTime: true };

  const interaction = {
    id: true, workRequestId: true, contactId: true, channel: true, state: true, stateReason: true, interactionType: true,
    topic: true, topicId: true, skill: true, skillId: true, direction: true, workCode: true, created: true,
    establishedTime: true, isCustomerInteraction: true, isWebRtcCall: true, isConsult: true, isObserved: true,
  };

  // With a call centre that uses numbers as addresses, these are numbers of customers.
  const interactionNumbers = { externalInteractionId: true, originatingAddress: true, destinationAddress: true };

  // resource has the state of one of the agent's channels.
  const resource = { channel: true, state: true, stationId: true, agentId: true, providerId: true };

  // What goes out of each event. Events that are not here are not listened to: most carry what customers wrote or who
  // they are, or tell of the desktop only.
  function shapes(numbers) {
    const call = Object.assign({}, interaction, numbers ? interactionNumbers : {});
    return {
      onAgentStateEvent: Object.assign({
        currentState: true, previousState: true, type: true,
        resourceStates: { '*': { state: true, stateReason: true, resourceAddress: true, providerId: true } },
        originStates: { '*': Object.assign({ origin: true }, reason) },
      }, reason),
      onAnyInteractionEvent: call,
      onAnyInteractionEndedEvent: call,
      onResourceAcquiredEvent: resource,
      onResourceReleasedEvent: resource,
      onChannelStatusUpdateEvent: { name: true, ready: true, reasonCode: true },
      onTeamMemberEvent: Object.assign({
        userHandle: true, displayName: true, firstName: true, lastName: true, type: true, resourceAddress: true, isConnected: true,
        isMonitored: true, isNew: true, isSelf: true,
        interactions: [call],
        channels: [{ id: true, channelType: true, providerName: true, state: true, stateReason: true, reasonCode: true }],
      }, reason),
    };
  }

  // How many events wait, and how long, for one that says who the agent is.
  const WAITING = 200;
  const WAIT_MS = 60000;

  // learner finds out whose desktop it is: by the handle that supervisors see, if the desktop tells it, else by the id
  // that comes with a channel.
  function learner() {
    let handle = '';
    let id = '';
    return {
      agent: () => handle || id,
      hear(name, data) {
        if (name === 'onTeamMemberEvent' && data && data.isSelf && data.userHandle) {
          handle = String(data.userHandle);
        } else if (name === 'onResourceAcquiredEvent' && data && data.agentId) {
          id = String(data.agentId);
        }
      },
    };
  }

  // avaya forwards what api, a widget API of Workspaces, tells. It returns the forwarder.
  root.Ringside.avaya = function (api, options) {
    const config = Object.assign({ source: 'avaya', agentWaitMs: WAIT_MS }, root.Ringside.settings(null), options);
    const learned = learner();
    const given = config.agent;
    config.agent = () => (typeof given === 'function' ? given() : given) || learned.agent();
    const forwarder = root.Ringside.forwarder(config);
    const chosen = shapes(config.numbers === true);
    const waiting = [];
    let due = false; // nobody has said who it is for long enough

    const flush = () => {
      while (waiting.length > 0 && (due || waiting.length > WAITING || config.agent())) {
        const e = waiting.shift();
        forwarder.send(e.name, e.data, e.at);
      }
    };
    Object.keys(chosen).forEach((name) => {
      api.onDataEvent(name, root.Ringside.guarded(forwarder, (data) => {
        learned.hear(name, data);
        waiting.push({ name: name, data: root.Ringside.pick(data, chosen[name]), at: new Date() });
        flush();
      }));
    });
    root.setTimeout(() => {
      due = true;
      if (waiting.length > 0) {
        forwarder.warn('agent', 'the desktop does not say who the agent is: set agent');
      }
      flush();
    }, config.agentWaitMs);
    return forwarder;
  };

  // As a widget: <ringside-forwarder data-url="…" data-token="…" data-organization="…"></ringside-forwarder>.
  class RingsideForwarder extends root.HTMLElement {
    connectedCallback() {
      if (!this.forwarder && root.WS && root.WS.widgetAPI) {
        this.hidden = true;
        this.forwarder = root.Ringside.avaya(new root.WS.widgetAPI(), root.Ringside.settings(this));
      }
    }
  }

  if (root.customElements && !root.customElements.get('ringside-forwarder')) {
    root.customElements.define('ringside-forwarder', RingsideForwarder);
  }
})(window);
