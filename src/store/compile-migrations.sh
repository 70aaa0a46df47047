#!/bin/sh
# usage: compile-migrations.sh MIGRATIONS_DIR OUT.xml OUT.c DEPFILE
# Puts every NNNN_name.sql of the folder into one C file. The depfile names the folder too, so that a new file is
# enough to have it compiled in.
set -eu
dir=$1 xml=$2 source=$3 depfile=$4

numbers=' '
{
    echo '<?xml version="1.0" encoding="UTF-8"?><gresources><gresource prefix="/weir/migrations">'
    for path in "$dir"/*.sql; do
        file=${path##*/}
        case $file in
        [0-9][0-9][0-9][0-9]_[a-z]*.sql) ;;
        *) echo "$path: a migration is named NNNN_name.sql" >&2; exit 1 ;;
        esac
        number=${file%%_*}
        case $numbers in
        *" $number "*) echo "$path: number $number is taken by another migration" >&2; exit 1 ;;
        esac
        numbers="$numbers$number "
        echo "<file>$file</file>"
    done
    echo '</gresource></gresources>'
} >"$xml"
glib-compile-resources --sourcedir="$dir" --target="$source" --generate-source --c-name=migrations "$xml"
{
    printf '%s: %s' "$source" "$dir"
    for path in "$dir"/*.sql; do printf ' %s' "$path"; done
    echo
} >"$depfile"
