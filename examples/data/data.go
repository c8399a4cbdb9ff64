// Package data is example data to try Tidemark with: what six servers of a
// small shop reported in two weeks of March 2026. Most of it is patches,
// releases and restarts. On the evening of 10 March somebody came in.
package data

import "embed"

//go:generate go run ./gen .

// Files are what the agents and the portal wrote, in the formats that they
// write.
//
//go:embed *.ndjson *.csv
var Files embed.FS

// Names lists the files in the order in which they are loaded.
var Names = []string{
	"portal-export.csv",        // changes on Windows, downloaded from the Azure portal
	"windows-changes.ndjson",   // changes on Windows, from the continuous export
	"windows-inventory.ndjson", // what there was on the Windows servers
	"linux-agent.ndjson",       // lists that the Linux agent sent
	"heartbeat.ndjson",         // which computer runs which system
}
