import { css } from '@emotion/css';
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
  const { error } = useLoaded(() => datasource.schema.get(), [datasource]);
  const completion = useRef<{ dispose: () => void }>();
  const mounted = useCallback(
    (editor: MonacoEditor, monaco: Monaco) => {
      completion.current = monaco.languages.registerCompletionItemProvider('sql', new Completion(monaco, editor, () => vocabulary(datasource)));
    },
    [datasource]
  );
  useEffect(() => () => completion.current?.dispose(), []);
  const finish = (sql: string) => sql !== (query.sql ?? '') && onQuery({ sql });
  return (
    <>
      <CodeEditor
        language="sql"
        height={200}
        containerStyles={css({ marginBottom: 8 })}
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

/** What is known of it: without tables there are still macros, variables and keywords. */
async function vocabulary(datasource: RingsideDataSource): Promise<Vocabulary> {
  const [tables, macros] = await Promise.all([datasource.schema.get().catch(() => []), datasource.macros.get().catch(() => [])]);
  return { tables, macros, variables: datasource.variableNames() };
}
