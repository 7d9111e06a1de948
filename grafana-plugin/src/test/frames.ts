import { DataFrameJSON, FieldType } from '@grafana/data';

/** A frame of one queue with so many waiting, as the backend answers and streams it. */
export function waiting(count: number, channel?: string, name = 'Sales'): DataFrameJSON {
  return {
    schema: {
      meta: channel ? { channel } : {},
      fields: [
        { name: 'queue_name', type: FieldType.string, config: {} },
        { name: 'nbr_of_queuing_requesters', type: FieldType.number, config: { displayName: 'Waiting', unit: 'none' } },
      ],
    },
    data: { values: [[name], [count]] },
  };
}

/** The body of an answer of /api/ds/query. */
export function answer(frames: Record<string, DataFrameJSON[] | Error>): object {
  const results = Object.entries(frames).map(([refId, given]) => [
    refId,
    given instanceof Error ? { error: given.message, status: 500, frames: [] } : { status: 200, frames: given.map((frame) => ({ ...frame, schema: { ...frame.schema, refId } })) },
  ]);
  return { results: Object.fromEntries(results) };
}
