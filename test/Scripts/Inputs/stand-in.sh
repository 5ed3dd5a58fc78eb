#!/bin/bash
# Stands in for the commands that setup.sh asks, by the name it is called by.
# MISSING is a package that is not installed, UNKNOWN one that apt lacks;
# USER_ID is the user's number, and sudo works where SUDO is set.
case ${0##*/} in
id) echo "${USER_ID-1000}" ;;
sudo)
  [ -n "$SUDO" ] || exit 1
  echo "sudo $*"
  ;;
apt-get) echo "apt-get $*" ;;
apt-cache) [ "${!#}" != "$UNKNOWN" ] ;;
dpkg-query)
  for argument in "$@"; do
    case $argument in
    -* | *'{'* | "$MISSING") ;;
    *) echo "ii  $argument" ;;
    esac
  done
  [ -z "$MISSING" ]
  ;;
esac
