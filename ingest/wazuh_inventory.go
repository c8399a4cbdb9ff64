package ingest

import (
	"strings"

	"tidemark/table"
)

// delta reads what syscollector has found to be new, changed or gone.
func (d *wazuhDecoder) delta(w *writer) error {
	kind := first(string(d.peek("data_type")), string(d.peek("type")))
	word := string(d.take("operation"))
	category := wazuhCategories[word]
	if category == "" {
		return reject(BadValue, "the operation %q is not known", word)
	}
	d.drop(nil, "data_type")
	d.drop(nil, "type")
	return d.inventory(strings.TrimPrefix(kind, "dbsync_"), category, []string{"data"}, "wazuh.dbsync", w)
}

// wazuhItem says how an item of an inventory becomes a row: columns of
// ConfigurationData and the members that hold them, the first that is there.
type wazuhItem struct {
	kind *kind
	name []string
	from [][]string
	fix  func(it *item, d *wazuhDecoder, path []string) *kind
}

var wazuhServiceFields = []string{"SvcState", "SvcStartupType", "SvcPath", "SvcAccount", "SvcController", "SvcDisplayName", "SvcDescription"}

var wazuhItems = map[string]*wazuhItem{
	"packages": {
		kind: &kind{name: kindSoftware, key: "SoftwareName", fields: []string{"CurrentVersion", "Publisher", "Architecture", "Size", "DateCreated", "SoftwareDescription", "Location", "SoftwareType"}},
		name: []string{"name"}, fix: fixWazuhPackage,
		from: [][]string{{"version"}, {"vendor"}, {"architecture"}, {"size"}, {"install_time"}, {"description"}, {"location"}, nil},
	},
	"hotfixes": {
		kind: &kind{name: kindSoftware, key: "SoftwareName", fields: []string{"SoftwareType"}},
		name: []string{"hotfix"}, from: [][]string{nil},
		fix: func(it *item, d *wazuhDecoder, path []string) *kind { it.values[0] = "Update"; return nil },
	},
	"services": {
		kind: &kind{name: kindDaemons, key: "SvcName", fields: wazuhServiceFields},
		name: []string{"service_id", "service_name"}, fix: fixWazuhService,
		from: [][]string{{"service_sub_state", "service_state"}, {"service_start_type", "service_enabled"}, {"process_executable"}, {"process_user_name"}, nil, {"service_name"}, {"service_description"}},
	},
	"ports":  {kind: &kind{name: kindPorts}, name: []string{"local_port"}},
	"users":  {kind: &kind{name: kindUsers}, name: []string{"user_name", "user_id"}},
	"groups": {kind: &kind{name: kindGroups}, name: []string{"group_name", "group_id"}},
}

var windowsService = &kind{name: kindServices, key: "SvcName", fields: wazuhServiceFields}

// inventory writes the row of an item of syscollector, whose members are at
// path. Category is empty for what is there.
func (d *wazuhDecoder) inventory(name, category string, path []string, agent string, w *writer) error {
	spec := wazuhItems[name]
	if spec == nil {
		w.pass("of inventories of Wazuh that tell of no configuration")
		return nil
	}
	at := func(name string) []string { return append(path[:len(path):len(path)], name) }
	text := func(name string) string { return strings.TrimSpace(string(d.peek(at(name)...))) }
	it := item{values: make([]string, len(spec.kind.fields))}
	for _, n := range spec.name {
		if it.name = first(it.name, text(n)); it.name != "" && spec.kind.key != "" {
			d.take(at(n)...)
		}
	}
	if it.name == "" {
		return reject(BadValue, "the item of the inventory has no %s", spec.name[0])
	}
	for i, names := range spec.from {
		for _, n := range names {
			if it.values[i] == "" {
				it.values[i] = text(n)
				d.take(at(n)...)
			}
		}
	}
	k := spec.kind
	if spec.fix != nil {
		if other := spec.fix(&it, d, path); other != nil {
			k = other
		}
	}
	r, err := w.observation(k.name, category)
	if err != nil {
		return err
	}
	detected := "scan"
	switch category {
	case "":
		k.state(r, &it)
		detected = "inventory"
	case removed:
		k.differ(r, &it, nil)
	default:
		k.differ(r, nil, &it)
	}
	d.computer(r)
	t, err := wallTime(strings.TrimSpace(string(d.take(at("scan_time")...))), nil)
	d.time(r, t, err)
	r.text("EventId", d.digest())
	d.blanks(path)
	d.drop(nil, "data_type")
	d.rest(r)
	return r.done(w, agent, detected)
}

// blanks drops members that are a single blank, which is how the agent writes
// that it does not know.
func (d *wazuhDecoder) blanks(path []string) {
	p := d.find(path...)
	if p < 0 || d.nodes[p].count < 0 {
		return
	}
	for i := d.nodes[p].first; i < d.nodes[p].first+d.nodes[p].count; i++ {
		if string(d.nodes[i].Text) == " " {
			d.nodes[i].taken = true
		}
	}
}

func fixWazuhPackage(it *item, d *wazuhDecoder, path []string) *kind {
	switch string(d.peek(append(path[:len(path):len(path)], "format")...)) {
	case "win", "pkg", "macports", "snap":
		it.values[7] = "Application"
	default:
		it.values[7] = "Package"
	}
	if at := it.values[4]; at != "" {
		t, ok := table.ParseTime(at)
		if !ok {
			var err error
			t, err = epochSeconds(at)
			ok = err == nil && t != 0
		}
		if ok {
			it.values[4] = t.String()
		}
	}
	return nil
}

// fixWazuhService tells services of Windows from daemons.
func fixWazuhService(it *item, d *wazuhDecoder, path []string) *kind {
	at := func(name string) string { return string(d.peek(append(path[:len(path):len(path)], name)...)) }
	if strings.HasPrefix(at("service_object_path"), "/org/freedesktop/systemd1") {
		it.values[4] = "systemd"
		it.name = strings.TrimSuffix(it.name, ".service")
	}
	start, known := serviceStarts[it.values[1]]
	if !known && !strings.HasPrefix(at("service_type"), "WIN32") {
		return nil
	}
	it.values[1] = first(start, it.values[1])
	it.values[0] = first(serviceStates[it.values[0]], it.values[0])
	return windowsService
}
