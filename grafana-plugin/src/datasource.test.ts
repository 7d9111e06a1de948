import { plugin } from './module';
import { RingsideDataSource } from './datasource';

it('offers the data source', () => {
  expect(plugin.DataSourceClass).toBe(RingsideDataSource);
});
