"""What commands of kubectl name: kinds, objects, containers, selectors, namespaces and ports."""

from dataclasses import dataclass, field

from carbon.check.texts.shell import Arguments, Word, read_arguments

_OPTIONS = """
n namespace l selector c container o output tail since since-time from sort-by L label-columns for
timeout field-selector type p patch patch-file replicas image as as-group context f filename k
kustomize kubeconfig limits requests overrides from-literal from-file from-env-file template port
target-port grace-period cascade address to-revision cluster user server token field-manager env
max-log-requests pod-running-timeout restart target v revision resource-version copy-to profile min
max cpu-percent name
"""
WITH_VALUE = frozenset(_OPTIONS.split())
"""The options of kubectl that need a value."""
_WITHOUT_VALUE = """
all-namespaces watch watch-only previous follow stdin tty all-containers prefix timestamps
show-labels ignore-daemonsets delete-emptydir-data force dry-run overwrite all now wait recursive
ignore-not-found no-headers server-side force-conflicts list raw rm quiet attach expose
help containers
"""
KNOWN_OPTIONS = WITH_VALUE | set(_WITHOUT_VALUE.split())
"""Known options of kubectl, not all of them."""
_SWITCHES = {"logs": {"f", "p"}, "run": {"i", "t"}}
"""Command -> letters that are options without a value, but need a value in other commands."""
_OF_OBJECTS = "get describe delete edit label annotate patch wait scale autoscale expose"
_OBJECTS = set(_OF_OBJECTS.split())
_GROUPS = {"rollout", "set", "top"}
"""Commands whose next word is a command or, of `top`, a kind."""
_PODS = {"logs", "exec", "attach", "port-forward", "debug", "cp"}
"""Commands about one pod or its workload."""
_REMAINING = """
create apply replace run explain auth config cluster-info version api-resources api-versions proxy
cordon uncordon drain taint certificate completion plugin events diff kustomize options kuberc alpha
help krew
"""
COMMANDS = _OBJECTS | _GROUPS | _PODS | set(_REMAINING.split())
"""The commands of kubectl."""
KINDS = {
    "Pod": "po pod pods",
    "Deployment": "deploy deployment deployments",
    "StatefulSet": "sts statefulset statefulsets",
    "DaemonSet": "ds daemonset daemonsets",
    "ReplicaSet": "rs replicaset replicasets",
    "Job": "job jobs",
    "CronJob": "cj cronjob cronjobs",
    "Service": "svc service services",
    "Secret": "secret secrets",
    "ConfigMap": "cm configmap configmaps",
    "ServiceAccount": "sa serviceaccount serviceaccounts",
    "PersistentVolumeClaim": "pvc persistentvolumeclaim persistentvolumeclaims",
    "PersistentVolume": "pv persistentvolume persistentvolumes",
    "StorageClass": "sc storageclass storageclasses",
    "Ingress": "ing ingress ingresses",
    "IngressClass": "ingressclass ingressclasses",
    "NetworkPolicy": "netpol networkpolicy networkpolicies",
    "HorizontalPodAutoscaler": "hpa horizontalpodautoscaler horizontalpodautoscalers",
    "PodDisruptionBudget": "pdb poddisruptionbudget poddisruptionbudgets",
    "ResourceQuota": "quota resourcequota resourcequotas",
    "LimitRange": "limits limitrange limitranges",
    "Role": "role roles",
    "RoleBinding": "rolebinding rolebindings",
    "ClusterRole": "clusterrole clusterroles",
    "ClusterRoleBinding": "clusterrolebinding clusterrolebindings",
    "PriorityClass": "pc priorityclass priorityclasses",
    "Namespace": "ns namespace namespaces",
    "Node": "no node nodes",
    "Event": "ev event events",
    "Endpoints": "ep endpoints",
    "EndpointSlice": "endpointslice endpointslices",
    "Lease": "lease leases",
    "CustomResourceDefinition": "crd crds customresourcedefinition customresourcedefinitions",
    "APIService": "apiservice apiservices",
    "CertificateSigningRequest": "csr certificatesigningrequest certificatesigningrequests",
    "RuntimeClass": "runtimeclass runtimeclasses",
    "VolumeAttachment": "volumeattachment volumeattachments",
}
"""Kind of Kubernetes -> the words for it in commands."""
ALL = "all"
"""The word for all kinds."""
_BY_WORD = {word: kind for kind, words in KINDS.items() for word in words.split()} | {ALL: ALL}


@dataclass
class Command:
    """A command of kubectl. Kinds are empty where a command accepts only pods by default."""

    verb: Word
    arguments: Arguments
    kinds: list[Word] = field(default_factory=list)
    """The kinds that the command names, without a name."""
    objects: list[tuple[Word, Word]] = field(default_factory=list)
    """Kind and name; the text of the kind is empty for a pod."""
    containers: list[Word] = field(default_factory=list)
    ports: list[Word] = field(default_factory=list)
    created: tuple[str, str] | None = None
    """The kind and the name of the object that the command creates."""

    @property
    def namespaces(self) -> list[Word]:
        """The namespace, if the command states one."""
        return self.arguments.get("n", "namespace")

    @property
    def is_everywhere(self) -> bool:
        """True if the command covers all namespaces."""
        return self.arguments.has("A", "all-namespaces")

    @property
    def selectors(self) -> list[Word]:
        """The label selectors."""
        return self.arguments.get("l", "selector")


def find_kind(word: str, custom: dict[str, str]) -> str | None:
    """Return the kind that a word such as `svc` or `schedules.velero.io` means; None if none.

    `custom` maps words to custom kinds.
    """
    plain = word.lower().partition(".")[0]
    return _BY_WORD.get(plain) or custom.get(plain)


def list_words(kind: str) -> list[str]:
    """Return the words for a custom kind in commands."""
    plain = kind.lower()
    plural = plain[:-1] + "ies" if plain.endswith("y") else plain + "s"
    return [plain, plural]


def read_command(words: list[Word]) -> Command | None:
    """Return the command after the word `kubectl`; None without a command of kubectl."""
    given = [word for word in words if word.text]
    first = next(iter(read_arguments(given, WITH_VALUE).words), None)
    if first is None:
        return None
    arguments = read_arguments(given, WITH_VALUE - _SWITCHES.get(first.text, set()))
    command = Command(arguments.words[0], arguments)
    left = arguments.words[1:]
    verb = first.text
    if verb in _GROUPS - {"top"}:
        left = left[1:]
    if verb in _OBJECTS | _GROUPS:
        _read_objects(command, left)
    elif verb in _PODS:
        _read_pod(command, left)
    elif verb in ("create", "run"):
        _read_created(command, left)
    command.containers += arguments.get("c", "container")
    return command


def _read_objects(command: Command, words: list[Word]) -> None:
    """Read `KIND/NAME …`, or `KIND[,KIND] NAME …`, and containers of `set image`."""
    kinds: list[Word] = []
    for word in words:
        kind, is_pair, name = word.text.partition("/")
        if "=" in word.text or (word.text.endswith("-") and kinds + command.objects):
            continue  # a label, an annotation or an image
        if is_pair:
            command.objects.append((Word(kind, word.at), Word(name, word.at + len(kind) + 1)))
        elif not kinds and not command.objects:
            kinds = word.split(",")
        else:
            command.objects += [(each, word) for each in kinds[:1]]
    command.kinds += kinds


def _read_pod(command: Command, words: list[Word]) -> None:
    """Read `POD`, `KIND/NAME` or, of cp, `POD:PATH`, and what follows it."""
    verb = command.verb.text
    if verb == "cp":
        words = [word.split(":")[0] for word in words if ":" in word.text]
        words = [word.split("/")[-1] for word in words]
    for word in words[:1]:
        kind, is_pair, name = word.text.partition("/")
        if is_pair:
            command.objects.append((Word(kind, word.at), Word(name, word.at + len(kind) + 1)))
        else:
            command.objects.append((Word("", word.at), word))
    if verb == "logs" and not command.selectors:
        command.containers += words[1:2]
    elif verb == "port-forward":
        command.ports += words[1:]


def _read_created(command: Command, words: list[Word]) -> None:
    """Read the kind and the name that `create` and `run` state, and the CronJob of a Job."""
    if command.verb.text == "run":
        command.created = ("Pod", words[0].text) if words else None
        return
    for source in command.arguments.get("from"):
        kind, _, name = source.text.partition("/")
        command.objects.append((Word(kind, source.at), Word(name, source.at + len(kind) + 1)))
    if len(words) > 1 and (created := find_kind(words[0].text, {})):
        command.created = (created, words[-1].text)
