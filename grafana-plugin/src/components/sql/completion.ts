import type { Monaco, monacoTypes, MonacoEditor } from '@grafana/ui';
import { Macro, Table } from '../../types';

export interface Vocabulary {
  tables: Table[];
  macros: Macro[];
  /** "$name" */
  variables: string[];
}

export interface Word {
  label: string;
  insert: string;
  kind: 'table' | 'column' | 'macro' | 'variable' | 'keyword';
  detail?: string;
  documentation?: string;
}

const keywords = [
  'SELECT', 'FROM', 'WHERE', 'AND', 'OR', 'NOT', 'IN', 'BETWEEN', 'LIKE', 'IS NULL', 'IS NOT NULL', 'GROUP BY', 'HAVING', 'ORDER BY', 'DESC', 'LIMIT', 'WITH', 'AS',
  'INNER JOIN', 'LEFT JOIN', 'ON', 'USING', 'UNION ALL', 'DISTINCT', 'CASE', 'WHEN', 'THEN', 'ELSE', 'END',
];

/** What fits at the end of `before`, in a text that names `mentioned` tables. */
export function words(before: string, sql: string, { tables, macros, variables }: Vocabulary): Word[] {
  if (/\$\w*$/.test(before)) {
    return [...macros.map(macroWord), ...variables.map((name): Word => ({ label: name, insert: name, kind: 'variable', detail: 'Template variable' }))];
  }
  const qualified = /(\w+)\.\w*$/.exec(before);
  if (qualified) {
    const table = tables.find(({ name }) => name === tableOf(qualified[1], sql, tables));
    return table ? columnWords(table) : [];
  }
  if (/\b(from|join)\s+\w*$/i.test(before)) {
    return tables.map(tableWord);
  }
  const named = tables.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(sql));
  const columns = named.flatMap(columnWords);
  const once = [...new Map(columns.map((word) => [word.label, word])).values()];
  return [...once, ...keywords.map((word): Word => ({ label: word, insert: word, kind: 'keyword' })), ...tables.map(tableWord), ...macros.map(macroWord)];
}

/** The table that an alias stands for: "FROM calls AS c", "JOIN queues q". */
function tableOf(alias: string, sql: string, tables: Table[]): string {
  if (tables.some(({ name }) => name === alias)) {
    return alias;
  }
  for (const [, table, name] of sql.matchAll(/\b(?:from|join)\s+(\w+)\s+(?:as\s+)?(\w+)/gi)) {
    if (name === alias) {
      return table;
    }
  }
  return '';
}

function tableWord({ name, description }: Table): Word {
  return { label: name, insert: name, kind: 'table', documentation: description };
}

function columnWords(table: Table): Word[] {
  return table.columns.map(({ name, type, description }) => ({ label: name, insert: name, kind: 'column', detail: `${type} \u00b7 ${table.name}`, documentation: description }));
}

function macroWord({ name, usage, description }: Macro): Word {
  return { label: name, insert: usage || name, kind: 'macro', detail: usage, documentation: description };
}

/** Offers words to one editor. Monaco asks the providers of all editors of a page: the others' are not answered. */
export class Completion implements monacoTypes.languages.CompletionItemProvider {
  readonly triggerCharacters = ['$', '.', ' '];

  constructor(
    private readonly monaco: Monaco,
    private readonly editor: MonacoEditor,
    private readonly vocabulary: () => Promise<Vocabulary>
  ) {}

  async provideCompletionItems(model: monacoTypes.editor.ITextModel, position: monacoTypes.Position): Promise<monacoTypes.languages.CompletionList> {
    if (model !== this.editor.getModel()) {
      return { suggestions: [] };
    }
    const line = model.getLineContent(position.lineNumber).slice(0, position.column - 1);
    const typed = /[$\w]*$/.exec(line)![0];
    const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: position.column - typed.length, endColumn: position.column };
    const before = model.getValueInRange({ ...range, startLineNumber: 1, startColumn: 1 });
    const found = words(before, model.getValue(), await this.vocabulary());
    return {
      suggestions: found.map((word, i) => ({
        label: word.label,
        insertText: word.insert,
        kind: this.kindOf(word.kind),
        detail: word.detail,
        documentation: word.documentation,
        range,
        // In the order given: columns of the tables that the text names come before keywords.
        sortText: String(i).padStart(5, '0'),
      })),
    };
  }

  private kindOf(kind: Word['kind']): monacoTypes.languages.CompletionItemKind {
    const kinds = this.monaco.languages.CompletionItemKind;
    return { table: kinds.Class, column: kinds.Field, macro: kinds.Function, variable: kinds.Variable, keyword: kinds.Keyword }[kind];
  }
}
