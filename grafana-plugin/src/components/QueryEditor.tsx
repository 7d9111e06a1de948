import { QueryEditorProps } from '@grafana/data';
import { KindEntry } from '../catalogue';
import type { RingsideDataSource } from '../datasource';
import { RingsideQuery, Settings } from '../types';
import { FilterFields } from './query/FilterFields';
import { KindFields } from './query/KindFields';
import { MetricsField } from './query/MetricsField';
import { OptionFields } from './query/OptionFields';
import { PartProps, QueryChange, withChange } from './query/types';
import { SqlEditor } from './sql/SqlEditor';

export interface Props extends QueryEditorProps<RingsideDataSource, RingsideQuery, Settings> {
  /** What may be asked for; absent: everything. */
  kinds?: KindEntry[];
}

export function QueryEditor({ datasource, query, onChange, onRunQuery, kinds }: Props) {
  const part: PartProps = {
    query: query.kind ? query : { ...query, kind: 'queueStatus' },
    onQuery: (change: QueryChange) => {
      onChange(withChange(part.query, change));
      onRunQuery();
    },
  };
  return (
    <>
      <KindFields {...part} kinds={kinds} />
      {query.kind === 'sql' ? (
        <SqlEditor {...part} datasource={datasource} />
      ) : (
        query.kind !== 'annotations' && <MetricsField {...part} datasource={datasource} />
      )}
      <FilterFields {...part} datasource={datasource} />
      <OptionFields {...part} />
    </>
  );
}
