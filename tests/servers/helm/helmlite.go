// helmlite renders a chart as `helm template` does, as far as this chart needs it, for machines without Helm: on the same parts that Helm's engine is
// made of (text/template, Masterminds' sprig, sigs.k8s.io/yaml), which Debian has as packages.
//
//	helmlite [-n NAMESPACE] [-f values.yaml]... [-notes] [-values] RELEASE CHART_DIR
//
// -values prints the merged values as JSON instead, to be held against values.schema.json; -notes prints NOTES.txt. Exit code 1 on any error.
// Not here: dependencies, the order of hooks, --set.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type M = map[string]interface{}
type multi []string

func (m *multi) String() string     { return "" }
func (m *multi) Set(s string) error { *m = append(*m, s); return nil }

type files map[string][]byte

func (f files) Get(n string) string      { return string(f[n]) }
func (f files) GetBytes(n string) []byte { return f[n] }
func (f files) Glob(p string) files {
	o := files{}
	for k, v := range f {
		if ok, _ := path.Match(p, k); ok {
			o[k] = v
		}
	}
	return o
}
func (f files) AsConfig() string {
	m := map[string]string{}
	for k, v := range f {
		m[path.Base(k)] = string(v)
	}
	return toYaml(m)
}
func (f files) AsSecrets() string {
	m := map[string]string{}
	for k, v := range f {
		m[path.Base(k)] = base64.StdEncoding.EncodeToString(v)
	}
	return toYaml(m)
}
func (f files) Lines(n string) []string {
	return strings.Split(strings.TrimSuffix(string(f[n]), "\n"), "\n")
}

type versions []string

func (v versions) Has(s string) bool {
	for _, x := range v {
		if x == s {
			return true
		}
	}
	return false
}
func toYaml(v interface{}) string {
	b, err := yaml.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(b), "\n")
}
func merge(dst, src M) M {
	for k, v := range src {
		if v == nil {
			delete(dst, k)
			continue
		}
		if sm, ok := v.(M); ok {
			if dm, ok := dst[k].(M); ok {
				dst[k] = merge(dm, sm)
				continue
			}
		}
		dst[k] = v
	}
	return dst
}
func die(f string, a ...interface{}) { fmt.Fprintf(os.Stderr, "Error: "+f+"\n", a...); os.Exit(1) }
func load(p string) M {
	m := M{}
	b, err := os.ReadFile(p)
	if err != nil {
		die("%v", err)
	}
	if err := yaml.Unmarshal(b, &m); err != nil {
		die("%s: %v", p, err)
	}
	return m
}

type tmplFile struct {
	name, text string
	data       M
}

var all []tmplFile

func gather(dir, prefix string, chart, values, release, caps M) {
	f := files{}
	walk(dir, "", func(rel string, b []byte) {
		if !strings.HasPrefix(rel, "templates/") {
			f[rel] = b
		}
	})
	cm := M{}
	for k, v := range chart { // .Chart.Name, .Chart.AppVersion
		cm[strings.ToUpper(k[:1])+k[1:]] = v
	}
	cm["Type"] = chart["type"]
	base := M{"Values": values, "Release": release, "Chart": cm, "Capabilities": caps, "Files": f, "Subcharts": M{}}
	walk(filepath.Join(dir, "templates"), "templates", func(rel string, b []byte) {
		d := M{}
		for k, v := range base {
			d[k] = v
		}
		n := path.Join(prefix, rel)
		d["Template"] = M{"Name": n, "BasePath": path.Join(prefix, "templates")}
		all = append(all, tmplFile{n, string(b), d})
	})
}

// walk reads every file of a folder; links are followed, as Helm does.
func walk(dir, rel string, read func(rel string, b []byte)) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		die("%v", err)
	}
	for _, e := range entries {
		p, r := filepath.Join(dir, e.Name()), path.Join(rel, e.Name())
		i, err := os.Stat(p)
		if err != nil {
			die("%v", err)
		}
		if i.IsDir() {
			walk(p, r, read)
			continue
		}
		b, err := os.ReadFile(p)
		if err != nil {
			die("%v", err)
		}
		read(r, b)
	}
}

func main() {
	var vf multi
	ns := flag.String("n", "default", "namespace")
	kube := flag.String("kube", "1.30.0", "Kubernetes version")
	flag.Var(&vf, "f", "values file")
	notes := flag.Bool("notes", false, "print NOTES.txt alone")
	show := flag.Bool("values", false, "print the merged values as JSON")
	flag.Parse()
	if flag.NArg() != 2 {
		die("usage: helmlite [flags] RELEASE CHART_DIR")
	}
	rel, dir := flag.Arg(0), flag.Arg(1)
	chart := load(filepath.Join(dir, "Chart.yaml"))
	for _, k := range []string{"apiVersion", "name", "version"} {
		if chart[k] == nil {
			die("Chart.yaml has no %s", k)
		}
	}
	values := M{}
	if _, err := os.Stat(filepath.Join(dir, "values.yaml")); err == nil {
		values = load(filepath.Join(dir, "values.yaml"))
	}
	for _, v := range vf {
		values = merge(values, load(v))
	}
	if *show {
		b, err := json.MarshalIndent(values, "", " ")
		if err != nil {
			die("%v", err)
		}
		fmt.Println(string(b))
		return
	}
	p := strings.SplitN(*kube, ".", 3)
	caps := M{"KubeVersion": M{"Version": "v" + *kube, "GitVersion": "v" + *kube, "Major": p[0], "Minor": p[1]}, "APIVersions": versions{"v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1", "autoscaling/v2"}, "HelmVersion": M{"Version": "v3.12.3"}}
	release := M{"Name": rel, "Namespace": *ns, "IsInstall": true, "IsUpgrade": false, "Revision": 1, "Service": "Helm"}
	gather(dir, fmt.Sprint(chart["name"]), chart, values, release, caps)
	t := template.New("gotpl").Option("missingkey=zero")
	fm := sprig.TxtFuncMap()
	delete(fm, "env")
	delete(fm, "expandenv")
	depth := map[string]int{}
	fm["include"] = func(n string, d interface{}) (string, error) {
		if depth[n]++; depth[n] > 1000 {
			return "", fmt.Errorf("include of %s nests too deep", n)
		}
		defer func() { depth[n]-- }()
		var b strings.Builder
		err := t.ExecuteTemplate(&b, n, d)
		return b.String(), err
	}
	fm["tpl"] = func(s string, d interface{}) (string, error) {
		c, err := t.Clone()
		if err != nil {
			return "", err
		}
		x, err := c.New("tpl").Parse(s)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		err = x.Execute(&b, d)
		return strings.ReplaceAll(b.String(), "<no value>", ""), err
	}
	fm["required"] = func(w string, v interface{}) (interface{}, error) {
		if v == nil || v == "" {
			return v, fmt.Errorf(w)
		}
		return v, nil
	}
	fm["toYaml"] = toYaml
	fm["fromYaml"] = func(s string) M {
		m := M{}
		if e := yaml.Unmarshal([]byte(s), &m); e != nil {
			m["Error"] = e.Error()
		}
		return m
	}
	fm["fromYamlArray"] = func(s string) []interface{} { var a []interface{}; _ = yaml.Unmarshal([]byte(s), &a); return a }
	fm["toJson"] = func(v interface{}) string { b, _ := json.Marshal(v); return string(b) }
	fm["fromJson"] = func(s string) M { m := M{}; _ = json.Unmarshal([]byte(s), &m); return m }
	fm["lookup"] = func(string, string, string, string) M { return M{} }
	t.Funcs(fm)
	for _, f := range all {
		if _, err := t.New(f.name).Parse(f.text); err != nil {
			die("parse error at (%s): %v", f.name, err)
		}
	}
	var out bytes.Buffer // nothing is printed of what fails
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	for _, f := range all {
		b := path.Base(f.name)
		if strings.HasPrefix(b, "_") || (b == "NOTES.txt") != *notes {
			continue
		}
		var o bytes.Buffer
		if err := t.ExecuteTemplate(&o, f.name, f.data); err != nil {
			die("execution error at (%s): %v", f.name, err)
		}
		s := strings.ReplaceAll(o.String(), "<no value>", "")
		if strings.TrimSpace(s) == "" {
			continue
		}
		if b == "NOTES.txt" {
			fmt.Fprintln(&out, s)
			continue
		}
		for _, doc := range strings.Split("\n"+s, "\n---") {
			var v interface{}
			if err := yaml.UnmarshalStrict([]byte(doc), &v); err != nil {
				die("%s: the rendered YAML is wrong: %v\n%s", f.name, err, doc)
			}
			if v == nil {
				continue
			}
			fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", f.name, strings.Trim(doc, "\n"))
		}
	}
	_, _ = out.WriteTo(os.Stdout)
}
