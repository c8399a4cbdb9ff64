package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tidemark"
	"tidemark/service"
)

// program is the command line as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Args = append([]string{"tidemark"}, args...)
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "HOME="+c.Dir, "XDG_STATE_HOME=")
	return c
}

// startService starts one and waits until it answers.
func startService(t *testing.T, db string) *exec.Cmd {
	t.Helper()
	c := program(t, "ingest", "--db", db, "--follow", "nothing.log")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	until(t, "the service answers", func() bool {
		_, err := service.Dial(controlSocket(db))
		return err == nil
	})
	return c
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("after a minute it is not so that %s", what)
}

// A service waits for who has the database open for a moment, and not for
// another service.
func TestServiceWaits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	db, err := tidemark.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	c := program(t, "ingest", "--db", dir, "--follow", "nothing.log")
	c.Stderr = said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	until(t, "the service waits", func() bool {
		b, err := os.ReadFile(said.Name())
		return err == nil && strings.HasPrefix(string(b), "waiting until nobody else has the database open\n")
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, "the service answers", func() bool {
		_, err := service.Dial(controlSocket(dir))
		return err == nil
	})
	b, err := program(t, "ingest", "--db", dir, "--follow", "nothing.log").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitNoStore || !strings.Contains(string(b), "database is in use") || strings.Contains(string(b), "waiting") {
		t.Errorf("another service: %v, %s", err, b)
	}
}

// endless is a query that has a first row soon and never a last one.
const endless = "range n from 1 to 1000000000000 step 1"

// begin starts the endless query and returns when the first of its rows have
// come, with what it goes on to write.
func begin(t *testing.T, db string) (c *exec.Cmd, out io.Reader, stderr *bytes.Buffer) {
	t.Helper()
	c = program(t, "query", "--db", db, "--format", "json", endless)
	stderr = &bytes.Buffer{}
	c.Stderr = stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	if _, err := io.ReadFull(out, make([]byte, 1000)); err != nil {
		t.Fatalf("no rows: %v", err)
	}
	return c, out, stderr
}

// end reads what is left and returns the exit status and the last bytes.
func end(t *testing.T, c *exec.Cmd, out io.Reader) (status int, tail string) {
	t.Helper()
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(rest[max(0, len(rest)-10):])
}

// A query whose service is killed says so, with a status, and its output is
// visibly unfinished. The next one opens the database itself.
func TestServiceKilled(t *testing.T) {
	db := filepath.Join(t.TempDir(), "db")
	svc := startService(t, db)
	c, out, stderr := begin(t, db)
	if err := svc.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	status, tail := end(t, c, out)
	if want := "tidemark: " + service.ErrLost.Error() + "\n"; status != exitNoStore || stderr.String() != want || strings.Contains(tail, "}") {
		t.Errorf("status %d, %q, output ends in %q", status, stderr, tail)
	}
	b, err := program(t, "query", "--db", db, "--format", "csv", "ConfigurationChange | count").CombinedOutput()
	if err != nil || string(b) != "Count\n0\n" {
		t.Errorf("afterwards: %q, %v", b, err)
	}
}

// Ctrl-C ends a query, and not the service.
func TestInterruptedQuery(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	db := filepath.Join(t.TempDir(), "db")
	startService(t, db)
	c, out, stderr := begin(t, db)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status, _ := end(t, c, out); status != exitInterrupted || stderr.String() != "interrupted\n" {
		t.Errorf("status %d, %q", status, stderr)
	}
	b, err := program(t, "query", "--db", db, "--format", "csv", "print 1").CombinedOutput()
	if err != nil || string(b) != "print_0\n1\n" {
		t.Errorf("afterwards: %q, %v", b, err)
	}
	if _, err := service.Dial(controlSocket(db)); err != nil {
		t.Error(err)
	}
}
