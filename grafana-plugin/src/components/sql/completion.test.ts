import type { Monaco, monacoTypes, MonacoEditor } from '@grafana/ui';
import { macros, tables } from '../../test/datasource';
import { Completion, Vocabulary, words } from './completion';

const vocabulary: Vocabulary = { tables, macros, variables: ['$queue'] };
const labels = (before: string, after = '') => words(before, before + after, vocabulary).map((word) => word.label);

it.each([
  ['tables behind FROM', 'SELECT 1 FROM ', ['calls', 'queues']],
  ['tables behind JOIN', 'SELECT 1 FROM calls JOIN que', ['calls', 'queues']],
  ['columns of a table', 'SELECT 1 FROM calls WHERE calls.', ['wait_sec', 'queue_id']],
  ['columns of an alias', 'SELECT 1 FROM calls AS c INNER JOIN queues q ON q.', ['queue_id', 'queue_name']],
  ['nothing for an alias of nothing', 'SELECT x.', []],
  ['macros and variables behind $', 'SELECT 1 FROM calls WHERE $__t', ['$__timeFilter', '$queue']],
])('offers %s', (_, before, want) => {
  expect(labels(before)).toEqual(want);
});

it('offers the columns of the tables that the text names, each once, before all else', () => {
  expect(labels('SELECT ', ' FROM calls JOIN queues').slice(0, 4)).toEqual(['wait_sec', 'queue_id', 'queue_name', 'SELECT']);
  expect(labels('SELECT ')).not.toContain('wait_sec');
});

describe('in an editor', () => {
  const monaco = { languages: { CompletionItemKind: { Class: 1, Field: 2, Function: 3, Variable: 4, Keyword: 5 } } } as unknown as Monaco;

  function modelOf(text: string): monacoTypes.editor.ITextModel {
    return {
      getValue: () => text,
      getLineContent: () => text,
      getValueInRange: ({ endColumn }: monacoTypes.IRange) => text.slice(0, endColumn - 1),
    } as never;
  }

  it('replaces what was typed of the word, its $ too', async () => {
    const model = modelOf('SELECT $__ti');
    const completion = new Completion(monaco, { getModel: () => model } as MonacoEditor, async () => vocabulary);
    const { suggestions } = await completion.provideCompletionItems(model, { lineNumber: 1, column: 13 } as monacoTypes.Position);
    expect(suggestions[0]).toMatchObject({ insertText: '$__timeFilter(column)', kind: 3, range: { startColumn: 8, endColumn: 13 } });
  });

  it('leaves other editors alone', async () => {
    const completion = new Completion(monaco, { getModel: () => modelOf('') } as MonacoEditor, async () => vocabulary);
    expect((await completion.provideCompletionItems(modelOf('SELECT '), { lineNumber: 1, column: 8 } as monacoTypes.Position)).suggestions).toEqual([]);
  });
});
