package kafkatest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Version is the Apache Kafka that is run.
const Version = "4.4.0"

// pom lists the broker and a logging back end, without which its output is empty. kafka-tools-api is named by the
// broker's own pom and not published; the broker runs without it.
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>ringside</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>` + Version + `</version>
<exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>kafka-tools-api</artifactId></exclusion></exclusions></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.5</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.25.5</version></dependency>
</dependencies></project>
`

var errNoJava = errors.New("java or mvn is missing: install openjdk-17-jre-headless and maven")

// jars returns the folder of Kafka's jars, fetching them where that was asked for.
func jars(tb testing.TB) (string, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", errNoJava
	}
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".cache", "kafka", Version)
	libs := filepath.Join(dir, "libs")
	if _, err := os.Stat(libs); err == nil {
		return libs, nil
	}
	if os.Getenv("RINGSIDE_TEST_ALL") != "1" {
		return "", errors.New("its jars are not here yet; RINGSIDE_TEST_ALL=1 fetches them (120 MB)")
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", errNoJava
	}
	return libs, fetch(tb, dir, libs)
}

// fetch has Maven copy the jars into libs. Test binaries run at the same time: one fetches, the others wait for it.
func fetch(tb testing.TB, dir, libs string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lock, err := os.Create(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(libs); err == nil {
		return nil
	}
	if err := os.WriteFile(filepath.Join(dir, "pom.xml"), []byte(pom), 0o644); err != nil {
		return err
	}
	tb.Logf("fetching Apache Kafka %s", Version)
	part := libs + ".part" // complete only under its final name
	cmd := exec.Command("mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+part)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch Apache Kafka %s with mvn: %w\n%s", Version, err, out)
	}
	return os.Rename(part, libs)
}

// repositoryRoot is the folder of go.mod: tests run in their package's.
func repositoryRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the test's folder")
		}
		dir = parent
	}
}
