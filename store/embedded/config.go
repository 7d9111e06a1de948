package embedded

import (
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strings"
)

// Files and folders of DataDir/clickhouse that ClickHouse reads or writes.
const (
	dataFolder   = "data"
	backupFolder = "backups"
	configFile   = "config.xml"
	usersFile    = "users.xml"
)

// arguments open every connection: where the data are, and the settings that
// statements start from.
func arguments(o Options, dir string) []string {
	return []string{
		"--path=" + filepath.Join(dir, dataFolder),
		"--config-file=" + filepath.Join(dir, configFile),
		// Acknowledged means stored.
		"--async_insert=0",
		// The library starts from clickhouse-local's defaults; these are a server's.
		"--implicit_select=0",
		"--allow_introspection_functions=0",
		fmt.Sprintf("--max_memory_usage=%d", o.QueryMemoryLimit),
	}
}

// configure writes ClickHouse's own configuration. Being named explicitly, it
// also keeps ClickHouse from picking one up elsewhere on the machine.
func (d *directory) configure(o Options) error {
	if err := d.write(usersFile, users(o)); err != nil {
		return err
	}
	durable := 0
	if o.Durable {
		durable = 1
	}
	return d.write(configFile, fmt.Appendf(nil, `<clickhouse>
  <users_config>%s</users_config>
  <max_server_memory_usage>%d</max_server_memory_usage>
  <mark_cache_size>%d</mark_cache_size>
  <background_pool_size>4</background_pool_size>
  <backups><allowed_path>%s</allowed_path></backups>
  <storage_configuration><disks><default><keep_free_space_bytes>%d</keep_free_space_bytes></default></disks></storage_configuration>
  <merge_tree>
    <fsync_after_insert>%d</fsync_after_insert>
    <fsync_part_directory>%d</fsync_part_directory>
  </merge_tree>
</clickhouse>
`, escape(filepath.Join(d.path, usersFile)), o.MemoryLimit, o.MemoryLimit/8,
		escape(filepath.Join(d.path, backupFolder)), o.KeepFree, durable, durable))
}

// outside are the privileges by which a statement reaches beyond the database,
// to this machine's files and to other machines.
var outside = []string{"FILE", "URL", "REMOTE", "S3", "AZURE", "HDFS", "HIVE", "MYSQL", "POSTGRES", "SQLITE", "MONGO",
	"REDIS", "ODBC", "JDBC", "KAFKA", "NATS", "RABBITMQ", "YTSAURUS", "ARROW FLIGHT"}

// users is the one user that statements run as. The engine's end is its
// parent's to decide. And whoever may write SQL, in a dashboard say, is not thereby
// to read the files of Ringside's account.
func users(o Options) []byte {
	grants := "<query>GRANT ALL ON *.*</query><query>REVOKE SYSTEM SHUTDOWN ON *.*</query>"
	if !o.AllowOutside {
		grants += "<query>REVOKE " + strings.Join(outside, ", ") + " ON *.*</query>"
	}
	return fmt.Appendf(nil, `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password/>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>%s</grants>
    </default>
  </users>
</clickhouse>
`, grants)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
