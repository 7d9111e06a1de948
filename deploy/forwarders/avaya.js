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

  // avaya forwards what api, a widget API of Workspaces, tells. It returns the forwarder.
  root.Ringside.avaya = function (api, options) {
    const config = Object.assign({ source: 'avaya' }, root.Ringside.settings(null), options);
    let learned = ''; // who the agent is, as the events have it
    const given = config.agent;
    config.agent = () => (typeof given === 'function' ? given() : given) || learned;
    const forwarder = root.Ringside.forwarder(config);
    const chosen = shapes(config.numbers === true);
    Object.keys(chosen).forEach((name) => {
      api.onDataEvent(name, root.Ringside.guarded(forwarder, (data) => {
        if (name === 'onResourceAcquiredEvent' && data && data.agentId) {
          learned = String(data.agentId);
        } else if (name === 'onTeamMemberEvent' && data && data.isSelf && data.userHandle) {
          learned = String(data.userHandle);
        }
        forwarder.send(name, root.Ringside.pick(data, chosen[name]));
      }));
    });
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
