package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tidemark": main})
}

// TestScripts runs the command lines in testdata. Beside what testscript has
// there is "status N COMMAND…", which runs a command and expects its exit
// status, and "capture NAME PATTERN", which keeps what the standard output has
// between the parentheses of a pattern in a variable. "await FILE TEXT" waits
// until a file has a text; "append FILE FROM" adds to it what another file has.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"TIDEMARK_DB", "TIDEMARK_GEOIP", "XDG_DATA_HOME", "XDG_STATE_HOME", "NO_COLOR"} {
				env.Setenv(name, "")
			}
			env.Setenv("HOME", env.WorkDir)
			places, err := filepath.Abs("../../engine/geoip/testdata/places.mmdb")
			env.Setenv("PLACES", places)
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"status": status, "capture": capture, "await": await, "append": appendFile},
	})
}

func status(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status N command")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func capture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: capture name pattern")
	}
	m := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) != 2 {
		ts.Fatalf("standard output has no %s", args[1])
	}
	ts.Setenv(args[0], m[1])
}

func await(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: await file text")
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if b, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(b), args[1]) {
			return
		}
	}
	ts.Fatalf("%s has no %q after a minute", args[0], args[1])
}

func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: append file from")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY|os.O_APPEND, 0)
	ts.Check(err)
	_, err = f.WriteString(ts.ReadFile(args[1]))
	ts.Check(errors.Join(err, f.Close()))
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{"1000": 1000, "2GB": 2e9, "512 MiB": 512 << 20, "1.5g": 3 << 29, "10b": 10} {
		if got, err := parseSize(s); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "x", "-1", "0", "1e300", "nan", "MB"} {
		if got, err := parseSize(s); err == nil {
			t.Errorf("%q gives %d", s, got)
		}
	}
}
