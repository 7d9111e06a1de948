import { DataSourcePlugin } from '@grafana/data';
import { CheatSheet } from './components/CheatSheet';
import { ConfigEditor } from './components/ConfigEditor';
import { QueryEditor } from './components/QueryEditor';
import { RingsideDataSource } from './datasource';
import { RingsideQuery, SecureSettings, Settings } from './types';

export const plugin = new DataSourcePlugin<RingsideDataSource, RingsideQuery, Settings, SecureSettings>(RingsideDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(CheatSheet);
