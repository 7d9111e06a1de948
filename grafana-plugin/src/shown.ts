import { DataFrame, dataFrameFromJSON, DataFrameJSON, dataFrameToJSON, DataQueryResponse, LoadingState } from '@grafana/data';

/** What a panel shows of an answer: frames that streams replace, and that stay while nothing newer is to be had. */
export class Shown {
  private frames: DataFrame[] = [];
  // Of each channel, since a message without a schema has that of the one before.
  private readonly schemas = new Map<string, DataFrameJSON['schema']>();
  private at = 0;

  /** Takes an answer of the backend in. */
  take(answer: DataQueryResponse): DataQueryResponse {
    const fresh = answer.data as DataFrame[];
    if (!failed(answer)) {
      this.frames = fresh;
      this.at = Date.now();
      return this.response(this.channels().length ? LoadingState.Streaming : LoadingState.Done);
    }
    const answered = new Set(fresh.map((frame) => frame.refId));
    this.frames = [...this.frames.filter((frame) => !answered.has(frame.refId)), ...fresh];
    return { ...answer, ...this.response(LoadingState.Error), ...this.dated(answer) };
  }

  /** Puts the message of a channel in the place of the frames that it is about. */
  replace(channel: string, message: DataFrameJSON): DataQueryResponse {
    const schema = message.schema ?? this.schemas.get(channel);
    this.schemas.set(channel, schema);
    this.at = Date.now();
    this.frames = this.frames.map((frame) => {
      if (frame.meta?.channel !== channel) {
        return frame;
      }
      const next = dataFrameFromJSON({ ...message, schema: schema ?? dataFrameToJSON(frame).schema });
      return { ...next, refId: frame.refId, meta: { ...next.meta, channel } };
    });
    return this.response(LoadingState.Streaming);
  }

  channels(): string[] {
    return [...new Set(this.frames.flatMap((frame) => frame.meta?.channel ?? []))];
  }

  refIdOf(channel: string): string | undefined {
    return this.frames.find((frame) => frame.meta?.channel === channel)?.refId;
  }

  // With one key for all of it, every response takes the place of the one before.
  private response(state: LoadingState): DataQueryResponse {
    return { key: 'ringside', state, data: [...this.frames] };
  }

  /** Errors, with the time of the figures that are still shown. */
  private dated({ error, errors }: DataQueryResponse): Partial<DataQueryResponse> {
    if (!this.at || !this.frames.length) {
      return {};
    }
    const note = `. The figures shown are of ${new Date(this.at).toLocaleTimeString()}.`;
    const dated = (errors ?? (error ? [error] : [])).map((e) => ({ ...e, message: (e.message ?? e.data?.message ?? 'No answer').replace(/\.$/, '') + note }));
    return { errors: dated, error: dated[0] };
  }
}

export function failed(answer: DataQueryResponse): boolean {
  return Boolean(answer.error || answer.errors?.length);
}
