import { Alert, CodeEditor, Monaco, MonacoEditor } from '@grafana/ui';
import { useCallback, useEffect, useRef } from 'react';
import type { RingsideDataSource } from '../../datasource';
import { useLoaded } from '../query/useLoaded';
import { PartProps } from '../query/types';
import { Completion, Vocabulary } from './completion';

interface Props extends PartProps {
  datasource: RingsideDataSource;
}

/** The text of a query, with completion of tables, columns, macros and variables. Leaving it, or Ctrl+S, runs it. */
export function SqlEditor({ datasource, query, onQuery }: Props) {
  const { value: tables, error } = useLoaded(() => datasource.schema.get(), [datasource]);
  const { value: macros } = useLoaded(() => datasource.macros.get(), [datasource]);
  const vocabulary = useRef<Vocabulary>({ tables: [], macros: [], variables: [] });
  useEffect(() => {
    vocabulary.current = { tables: tables ?? [], macros: macros ?? [], variables: datasource.variableNames() };
  }, [tables, macros, datasource]);
  const completion = useRef<{ dispose: () => void }>();
  const mounted = useCallback((editor: MonacoEditor, monaco: Monaco) => {
    completion.current = monaco.languages.registerCompletionItemProvider('sql', new Completion(monaco, editor, () => vocabulary.current));
  }, []);
  useEffect(() => () => completion.current?.dispose(), []);
  const finish = (sql: string) => sql !== (query.sql ?? '') && onQuery({ sql });
  return (
    <>
      <CodeEditor
        language="sql"
        height={200}
        value={query.sql ?? ''}
        showLineNumbers
        showMiniMap={false}
        monacoOptions={{ fixedOverflowWidgets: true, scrollBeyondLastLine: false, ariaLabel: 'SQL' }}
        onEditorDidMount={mounted}
        onBlur={finish}
        onSave={finish}
      />
      {error && (
        <Alert severity="info" title="No completion of tables and columns">
          {error}
        </Alert>
      )}
    </>
  );
}
