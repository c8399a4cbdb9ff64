package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by release builds with -ldflags "-X main.version=…".
var version = ""

var versionCommand = &command{
	name: "version",
	doc:  "Prints the version.",
	setup: func(*flags) func(context.Context, *env, []string) error {
		return func(_ context.Context, e *env, args []string) error {
			if len(args) > 0 {
				return usagef("version takes no argument")
			}
			fmt.Fprintf(e.out, "tidemark %s, %s, %s/%s\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		}
	},
}

// versionText is the release, else what the Go tool knows of the source.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
