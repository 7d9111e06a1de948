import { ScopedVars, TypedVariableModel } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';

export type Values = Record<string, string | string[]>;

// What Grafana takes for a variable: $name, [[name:format]], ${name.field:format}.
const expression = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\${(\w+)(?:\.([^:^}]+))?(?::([^}]+))?}/g;

/** Grafana's service for template variables, with these values; a format in the text goes before the caller's, as there. */
export function templatesOf(values: Values): TemplateSrv {
  const replace: TemplateSrv['replace'] = (target = '', scoped, format) =>
    target.replace(expression, (match, plain, bracketed, bracketFormat, braced, field, braceFormat) => {
      const value = valueOf(plain ?? bracketed ?? braced, field, scoped, values);
      return value === undefined ? match : formatted(value, bracketFormat ?? braceFormat ?? format);
    });
  return {
    replace,
    getVariables: () => Object.keys(values).map((name) => ({ name, type: 'query' }) as TypedVariableModel),
    containsTemplate: (target = '') => target.search(expression) >= 0,
    updateTimeRange: () => undefined,
  };
}

function valueOf(name: string, field: string | undefined, scoped: ScopedVars | undefined, values: Values) {
  const value = scoped?.[name]?.value ?? values[name];
  return field ? value?.[field] : value;
}

function formatted(value: string | string[], format?: string | Function): string {
  if (typeof format === 'function') {
    return format(value);
  }
  const list = Array.isArray(value) ? value : [value];
  return format === 'raw' || format === 'csv' || list.length === 1 ? list.join(',') : `{${list.join(',')}}`;
}
