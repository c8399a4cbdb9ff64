// Package repl is the prompt: it collects lines into queries, runs them, and
// shows the results; lines that begin with a point are commands of its own.
//
// Where a query ends is decided in entry.go, what the commands are in
// command.go. The loop reads through the interface lineReader, so that it
// works the same on a terminal (line.go, the only file that knows the line
// editor), on a pipe (plain.go) and in tests.
package repl
