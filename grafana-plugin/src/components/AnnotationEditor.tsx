import { QueryEditorProps } from '@grafana/data';
import { kinds } from '../catalogue';
import type { RingsideDataSource } from '../datasource';
import { RingsideQuery, Settings } from '../types';
import { QueryEditor } from './QueryEditor';

const suitable = kinds.filter(({ kind }) => kind === 'annotations' || kind === 'sql');

/** What can mark a graph. SQL can, if it returns a column time. */
export function AnnotationEditor(props: QueryEditorProps<RingsideDataSource, RingsideQuery, Settings>) {
  const query: RingsideQuery = props.query?.kind ? props.query : { ...props.query, refId: props.query?.refId ?? 'Anno', kind: 'annotations', view: 'opening' };
  return <QueryEditor {...props} query={query} kinds={suitable} />;
}
