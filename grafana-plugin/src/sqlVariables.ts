import { ScopedVars } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';

/*
 * Template variables in SQL. Whoever opens a dashboard chooses their values, by its address too, so that a value must stay
 * a value: outside of quotes it becomes a literal, inside of quotes its quotes are escaped, and a format that the text asks
 * for (${name:raw}) is not followed. Where a value could end what it stands in all the same, it is left out.
 */

type Context = 'code' | 'string' | 'identifier' | 'comment' | 'heredoc';

interface Piece {
  context: Context;
  quote: string;
  text: string;
}

const opening = /'|"|`|--|#!|# |\/\*|\$\w*\$/g;

/** SQL taken apart as ClickHouse does it: quoted texts and names, comments, and what is left. */
export function pieces(sql: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  while (at < sql.length) {
    opening.lastIndex = at;
    const start = opening.exec(sql);
    if (!start) {
      break;
    }
    found.push({ context: 'code', quote: '', text: sql.slice(at, start.index) });
    const mark = start[0];
    const end = endOf(sql, start.index + mark.length, mark);
    found.push({ context: contextOf(mark), quote: mark, text: sql.slice(start.index, end) });
    at = end;
  }
  found.push({ context: 'code', quote: '', text: sql.slice(at) });
  return found.filter((piece) => piece.text !== '');
}

function contextOf(mark: string): Context {
  switch (mark) {
    case "'":
      return 'string';
    case '"':
    case '`':
      return 'identifier';
    default:
      return mark.startsWith('$') ? 'heredoc' : 'comment';
  }
}

/** The index behind what a mark opens; the end of the text where nothing closes it. */
function endOf(sql: string, from: number, mark: string): number {
  if (mark === '/*' || mark.startsWith('$')) {
    const close = mark === '/*' ? '*/' : mark;
    const at = sql.indexOf(close, from);
    return at < 0 ? sql.length : at + close.length;
  }
  if (mark.length > 1) {
    const at = sql.indexOf('\n', from);
    return at < 0 ? sql.length : at;
  }
  for (let i = from; i < sql.length; i++) {
    if (sql[i] === '\\') {
      i++;
    } else if (sql[i] === mark) {
      if (sql[i + 1] !== mark) {
        return i + 1;
      }
      i++;
    }
  }
  return sql.length;
}

/** SQL with its variables filled in. Macros are the backend's and stay. */
export function fillSql(sql: string, templates: TemplateSrv, scoped?: ScopedVars): string {
  return pieces(withoutFormats(sql))
    .map((piece) => {
      switch (piece.context) {
        case 'code':
          return templates.replace(piece.text, scoped, literals);
        case 'string':
        case 'identifier':
          return templates.replace(piece.text, scoped, (value: unknown) => within(value, piece.quote));
        default:
          return piece.text;
      }
    })
    .join('');
}

// ${name:format}, ${name.field:format} and [[name:format]]. Dates of the time range are made of digits and the format's own
// text, which the author wrote.
function withoutFormats(sql: string): string {
  return sql
    .replace(/\$\{(?!__from|__to)(\w+)((?:\.[^:}]+)?):[^}]*\}/g, '${$1$2}')
    .replace(/\[\[(\w+)((?:\.[^:\]]+)?):[^\]]*\]\]/g, '[[$1$2]]');
}

function literals(value: unknown): string {
  const values = Array.isArray(value) ? value : [value];
  return values.length ? values.map(literal).join(', ') : 'NULL';
}

function literal(value: unknown): string {
  const text = String(value ?? '');
  if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) {
    return `'${within(text, "'")}'`;
  }
  // After a minus of the text's own, the value's would open a comment.
  return text.startsWith('-') ? `(${text})` : text;
}

function within(value: unknown, quote: string): string {
  const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
  return text.replace(/[\0\\'"`]/g, (c) => (c === '\0' ? '\\0' : c === '\\' || c === quote ? `\\${c}` : c));
}
